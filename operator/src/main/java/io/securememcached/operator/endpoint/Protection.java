package io.securememcached.operator.endpoint;

import io.fabric8.kubernetes.client.Config;
import io.securememcached.operator.config.MetricsAccess;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** How a metrics port is protected; the port closes it. */
public sealed interface Protection extends AutoCloseable {

  /** HTTP for everyone who reaches the port. */
  record None() implements Protection {}

  /** HTTPS for callers with the right. */
  record Authenticated(SSLContext tls, Access access, Reviews reviews) implements Protection {}

  /** As {@link None}: for a port that the network protects. */
  static Protection none() {
    return new None();
  }

  /**
   * As a process is configured.
   *
   * @param api how to reach the API server, which is asked about callers
   * @throws IllegalArgumentException if the folder with the certificate can't be used
   */
  static Protection of(MetricsAccess configured, Config api) {
    return configured.authentication()
        ? of(identity(configured.certificateFolder()), Reviews.of(api))
        : none();
  }

  private static Supplier<TlsIdentity> identity(Optional<Path> certificateFolder) {
    if (certificateFolder.isPresent()) {
      return new CertificateFolder(certificateFolder.get());
    }
    TlsIdentity selfMade = TlsIdentity.selfMade();
    return () -> selfMade;
  }

  /**
   * As {@link Authenticated}.
   *
   * @param identity the server's certificate, asked for at each handshake
   * @param reviews asks the API server about callers
   */
  static Protection of(Supplier<TlsIdentity> identity, Reviews reviews) {
    return new Authenticated(ServerKeyManager.context(identity), new Access(reviews), reviews);
  }

  /** What is answered instead of metrics; empty for a caller who may read them. */
  default Optional<Refusal> refusal(Optional<String> authorization, MetricsScope scope) {
    return switch (this) {
      case None none -> Optional.empty();
      case Authenticated callers -> callers.access().refusal(authorization, scope);
    };
  }

  @Override
  default void close() {
    switch (this) {
      case None none -> {}
      case Authenticated callers -> callers.reviews().close();
    }
  }
}
