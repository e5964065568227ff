package io.securememcached.operator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateFolderTest {

  @TempDir Path folder;
  private final AtomicLong nanos = new AtomicLong();

  /** As openssl writes them; cert-manager writes the older forms by default. */
  @ParameterizedTest
  @CsvSource({
    "rsa -traditional, BEGIN RSA PRIVATE KEY, SHA256withRSA",
    "rsa, BEGIN PRIVATE KEY, SHA256withRSA",
    "ec -name prime256v1, BEGIN EC PRIVATE KEY, SHA256withECDSA",
    "pkey, BEGIN PRIVATE KEY, SHA256withECDSA",
  })
  void readsEachFormOfKey(String kind, String header, String algorithm) throws Exception {
    String key =
        switch (kind) {
          case "rsa -traditional" -> "openssl genrsa -traditional 2048 > tls.key";
          case "rsa" -> "openssl genrsa 2048 > tls.key";
          case "pkey" -> "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 > tls.key";
          default -> "openssl ecparam -genkey -name prime256v1 > tls.key";
        };
    run(key + " && openssl req -x509 -key tls.key -subj /CN=test -days 2 > tls.crt");
    assertThat(Files.readString(folder.resolve("tls.key"))).contains(header);

    TlsIdentity identity = new CertificateFolder(folder).get();

    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(identity.key());
    byte[] signed = signature.sign();
    signature.initVerify(identity.chain().getFirst());
    assertThat(signature.verify(signed)).isTrue();
    assertThat(identity).hasToString("TlsIdentity[CN=test]");
  }

  @Test
  void takesARenewedCertificateAndKeepsTheFormerInsteadOfABrokenOne() throws Exception {
    HeldCertificate first = write();
    CertificateFolder certificates = new CertificateFolder(folder, nanos::get);
    assertThat(certificates.get().chain()).containsExactly(first.certificate());

    HeldCertificate second = write();
    assertThat(certificates.get().chain()).containsExactly(first.certificate());
    pass();
    assertThat(certificates.get().chain()).containsExactly(second.certificate());
    assertThat(certificates.get().key()).isEqualTo(second.keyPair().getPrivate());

    Files.writeString(folder.resolve("tls.crt"), "no certificate");
    pass();
    assertThat(certificates.get().chain()).containsExactly(second.certificate());
    HeldCertificate third = write();
    pass();
    assertThat(certificates.get().chain()).containsExactly(third.certificate());
  }

  @Test
  void namesWhatIsWrongAtTheStart() throws IOException {
    assertThatThrownBy(() -> new CertificateFolder(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("TLS_CERTIFICATE_FOLDER " + folder + " can't be used: tls.crt is ")
        .hasMessageEndingWith("; it must hold tls.crt and tls.key in PEM");
    HeldCertificate held = write();
    Files.writeString(folder.resolve("tls.key"), "secret");
    assertThatThrownBy(() -> new CertificateFolder(folder))
        .hasMessageContaining("tls.key has no unencrypted private key")
        .hasMessageNotContaining("secret");
    Files.writeString(folder.resolve("tls.key"), held.privateKeyPkcs8Pem());
    Files.writeString(folder.resolve("tls.crt"), "");
    assertThatThrownBy(() -> new CertificateFolder(folder))
        .hasMessageContaining("tls.crt has no certificate");
  }

  private HeldCertificate write() throws IOException {
    HeldCertificate held = new HeldCertificate.Builder().commonName("test").build();
    Files.writeString(folder.resolve("tls.crt"), held.certificatePem());
    Files.writeString(folder.resolve("tls.key"), held.privateKeyPkcs8Pem());
    return held;
  }

  private void pass() {
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
  }

  private void run(String commands) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-e", "-o", "pipefail", "-c", commands)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor()).isZero();
  }
}
