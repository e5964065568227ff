package io.securememcached.operator.app;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;

/**
 * Work for the second core while the first one puts the operator together.
 *
 * <p>Where the API server has an ECDSA certificate, the first signature takes a table of multiples
 * of the generator of the curve P-256: 50 ms of a JVM that has only just started.
 */
final class HeadStart {

  private HeadStart() {}

  /** Makes the table in a thread of its own, if it will be used. */
  static void begin(Config config) {
    if (config.getCaCertFile() != null) {
      Path authority = Path.of(config.getCaCertFile());
      Thread.ofPlatform().daemon().name("head-start").start(() -> makeTable(authority));
    }
  }

  private static void makeTable(Path authority) {
    try (InputStream file = Files.newInputStream(authority)) {
      String algorithm =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(file)
              .getPublicKey()
              .getAlgorithm();
      if (algorithm.equals("EC")) {
        KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
        keys.initialize(new ECGenParameterSpec("secp256r1"));
        keys.generateKeyPair();
      }
    } catch (IOException | GeneralSecurityException e) {
      // The client says so when it connects.
    }
  }
}
