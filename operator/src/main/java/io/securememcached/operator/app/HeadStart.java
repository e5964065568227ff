package io.securememcached.operator.app;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Work for the second core while the first one puts the operator together: what TLS needs once in
 * the life of a JVM.
 */
final class HeadStart {

  private HeadStart() {}

  /**
   * Does it in a thread of its own. What fails here fails again, and is told of, where it counts.
   */
  static void begin() {
    Thread.ofPlatform().daemon().name("head-start").start(HeadStart::run);
  }

  private static void run() {
    try {
      SSLContext.getInstance("TLS");
      TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      if (hasEllipticKey(Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_CA_CRT_PATH))) {
        makeTable();
      }
    } catch (IOException | GeneralSecurityException e) {
      // The client says so when it connects.
    }
  }

  /** Whether the API server's certificate is signed by ECDSA. */
  private static boolean hasEllipticKey(Path authority)
      throws IOException, GeneralSecurityException {
    try (InputStream file = Files.newInputStream(authority)) {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(file)
          .getPublicKey()
          .getAlgorithm()
          .equals("EC");
    } catch (NoSuchFileException e) {
      // No pod.
      return false;
    }
  }

  /** Of multiples of the generator of P-256, for the first signature: 50 ms. */
  private static void makeTable() throws GeneralSecurityException {
    KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
    keys.initialize(new ECGenParameterSpec("secp256r1"));
    keys.generateKeyPair();
  }
}
