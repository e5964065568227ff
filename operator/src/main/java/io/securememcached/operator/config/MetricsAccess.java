package io.securememcached.operator.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Who may read the metrics of a process.
 *
 * @param authentication whether the port has TLS, and answers only callers with the right
 * @param certificateFolder folder with tls.crt and tls.key; empty for a self-made certificate
 */
public record MetricsAccess(boolean authentication, Optional<Path> certificateFolder) {

  static MetricsAccess from(Map<String, String> environment) {
    return new MetricsAccess(
        Variables.flag(environment, "METRICS_AUTHENTICATION", true),
        Optional.of(environment.getOrDefault("TLS_CERTIFICATE_FOLDER", "").strip())
            .filter(folder -> !folder.isEmpty())
            .map(Path::of));
  }
}
