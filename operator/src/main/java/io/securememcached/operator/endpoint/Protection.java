package io.securememcached.operator.endpoint;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** How a metrics port is protected. */
public sealed interface Protection {

  /** HTTP for everyone who reaches the port. */
  record None() implements Protection {}

  /** HTTPS for callers with the right. */
  record Authenticated(SSLContext tls, Access access) implements Protection {}

  /** As {@link None}: for a port that the network protects. */
  static Protection none() {
    return new None();
  }

  /**
   * As {@link Authenticated}.
   *
   * @param certificateFolder as {@link CertificateFolder} reads it; empty for a self-made
   *     certificate
   * @param reviews asks the API server about callers
   * @throws IllegalArgumentException if the folder can't be used
   */
  static Protection of(Optional<Path> certificateFolder, Reviews reviews) {
    if (certificateFolder.isPresent()) {
      return of(new CertificateFolder(certificateFolder.get()), reviews);
    }
    TlsIdentity selfMade = TlsIdentity.selfMade();
    return of(() -> selfMade, reviews);
  }

  /**
   * As {@link Authenticated}.
   *
   * @param identity the server's certificate, asked for at each handshake
   * @param reviews asks the API server about callers
   */
  static Protection of(Supplier<TlsIdentity> identity, Reviews reviews) {
    return new Authenticated(ServerKeyManager.context(identity), new Access(reviews));
  }

  /** What is answered instead of metrics; empty for a caller who may read them. */
  default Optional<Refusal> refusal(Optional<String> authorization, MetricsScope scope) {
    return switch (this) {
      case None none -> Optional.empty();
      case Authenticated callers -> callers.access().refusal(authorization, scope);
    };
  }
}
