package io.securememcached.operator.endpoint;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.tls.HeldCertificate;

/**
 * What a TLS server shows and signs with.
 *
 * @param chain the server's certificate first
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {

  /** A process does not run longer. */
  private static final long SELF_MADE_DAYS = 3650;

  public TlsIdentity {
    chain = List.copyOf(chain);
  }

  /**
   * A new one with a certificate that nobody has signed: it hides the callers' tokens from those
   * who listen, but does not prove whose port it is.
   */
  public static TlsIdentity selfMade() {
    HeldCertificate held =
        new HeldCertificate.Builder()
            .commonName("securememcached-operator")
            .addSubjectAlternativeName("localhost")
            .duration(SELF_MADE_DAYS, TimeUnit.DAYS)
            .build();
    return new TlsIdentity(held.keyPair().getPrivate(), List.of(held.certificate()));
  }

  /** Names the subject, never the key. */
  @Override
  public String toString() {
    return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
