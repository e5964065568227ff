package io.securememcached.operator.config;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * The exporter's settings, from environment variables; docs/configuration.md lists them.
 *
 * @param operatorNamespace namespace of the operator, which has the Secret with the exporter's keys
 * @param watchNamespaces namespaces whose servers are asked; empty for all
 * @param healthPort TCP port of {@code /livez} and {@code /readyz}; 0 takes a free one
 * @param metricsPort TCP port of {@code /metrics}; 0 takes a free one
 * @param metricsAccess who may read the metrics
 * @param scrapeTimeout for all that is asked of one server
 * @param logLevel error, warn, info, debug or trace
 */
public record ExporterConfig(
    String operatorNamespace,
    Set<String> watchNamespaces,
    int healthPort,
    int metricsPort,
    MetricsAccess metricsAccess,
    Duration scrapeTimeout,
    String logLevel) {

  public ExporterConfig {
    watchNamespaces = Set.copyOf(watchNamespaces);
  }

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong, and the way out
   */
  public static ExporterConfig from(Map<String, String> environment) {
    String namespace = Variables.required(environment, "OPERATOR_NAMESPACE");
    return new ExporterConfig(
        namespace,
        Variables.namespaces(environment.getOrDefault("WATCH_NAMESPACES", ""), namespace),
        Variables.number(environment, "HEALTH_PORT", 8081, 0, 65535),
        Variables.number(environment, "METRICS_PORT", 9150, 0, 65535),
        MetricsAccess.from(environment),
        Duration.ofMillis(Variables.number(environment, "SCRAPE_TIMEOUT_MILLIS", 1000, 10, 60_000)),
        Variables.logLevel(environment));
  }
}
