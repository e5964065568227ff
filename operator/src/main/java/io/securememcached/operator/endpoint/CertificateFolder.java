package io.securememcached.operator.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.client.internal.CertUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate in a folder with {@code tls.crt} and {@code tls.key} in PEM, as a mounted Secret
 * of type kubernetes.io/tls has them. Read again every {@link #INTERVAL} while there are
 * handshakes, as Secrets are renewed in place; files that can't be used leave the former in use.
 */
public final class CertificateFolder implements Supplier<TlsIdentity> {

  static final Duration INTERVAL = Duration.ofSeconds(10);

  /** Bytes; a chain has some thousands. */
  private static final int LARGEST = 256 * 1024;

  /** RFC 7468: the kind of key in a text. */
  private static final Pattern PEM_KEY =
      Pattern.compile(
          "-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private static final Logger LOG = LoggerFactory.getLogger(CertificateFolder.class);

  private final Path folder;
  private final LongSupplier nanos;
  private byte[] certificateFile = {};
  private byte[] keyFile = {};
  private TlsIdentity identity;
  private long read;

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException naming the file and the way out
   */
  public CertificateFolder(Path folder) {
    this(folder, System::nanoTime);
  }

  CertificateFolder(Path folder, LongSupplier nanos) {
    this.folder = folder;
    this.nanos = nanos;
    try {
      identity = read();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "TLS_CERTIFICATE_FOLDER %s can't be used: %s; it must hold tls.crt and tls.key in PEM"
              .formatted(folder, e.getMessage()),
          e);
    }
    read = nanos.getAsLong();
  }

  @Override
  public synchronized TlsIdentity get() {
    if (nanos.getAsLong() - read >= INTERVAL.toNanos()) {
      read = nanos.getAsLong();
      try {
        identity = read();
      } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
        LOG.atWarn()
            .addKeyValue("folder", folder)
            .addKeyValue("message", e.getMessage())
            .log("Kept the former certificate, as the new one can't be used");
      }
    }
    return identity;
  }

  private TlsIdentity read() throws IOException, GeneralSecurityException {
    byte[] newCertificate = read("tls.crt");
    byte[] newKey = read("tls.key");
    if (Arrays.equals(newCertificate, certificateFile) && Arrays.equals(newKey, keyFile)) {
      return identity;
    }
    if (!Arrays.equals(newCertificate, read("tls.crt"))) {
      throw new IOException("it changed while it was read");
    }
    List<X509Certificate> chain = chain(newCertificate);
    TlsIdentity fresh = new TlsIdentity(key(newCertificate, newKey, chain.getFirst()), chain);
    certificateFile = newCertificate;
    keyFile = newKey;
    return fresh;
  }

  private byte[] read(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
      throw new IOException("%s is missing or larger than %d bytes".formatted(name, LARGEST));
    }
    return Files.readAllBytes(file);
  }

  private static List<X509Certificate> chain(byte[] pem) throws CertificateException {
    List<X509Certificate> chain =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))
            .stream()
            .map(X509Certificate.class::cast)
            .toList();
    if (chain.isEmpty()) {
      throw new CertificateException("tls.crt has no certificate");
    }
    return chain;
  }

  private static PrivateKey key(byte[] certificatePem, byte[] pem, Certificate certificate)
      throws IOException, GeneralSecurityException {
    String algorithm = certificate.getPublicKey().getAlgorithm();
    Matcher parts = PEM_KEY.matcher(new String(pem, US_ASCII));
    if (!parts.find()) {
      throw new IOException("tls.key has no unencrypted private key");
    }
    if (parts.group(1).equals("PRIVATE KEY")) {
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(parts.group(2))));
    }
    // PKCS #1 of RSA and SEC 1 of elliptic curves, which the JDK does not read.
    KeyStore store =
        CertUtils.createKeyStore(
            new ByteArrayInputStream(certificatePem),
            new ByteArrayInputStream(parts.group().getBytes(US_ASCII)),
            algorithm,
            new char[0],
            null,
            new char[0]);
    for (String alias : Collections.list(store.aliases())) {
      if (store.getKey(alias, new char[0]) instanceof PrivateKey key
          && certificate.equals(store.getCertificate(alias))) {
        return key;
      }
    }
    throw new IOException(
        "tls.key can't be read; write it in PKCS #8 (openssl pkcs8 -topk8 -nocrypt)");
  }
}
