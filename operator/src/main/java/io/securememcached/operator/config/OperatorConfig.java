package io.securememcached.operator.config;

import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.monitoring.ExporterSettings;
import io.securememcached.operator.resource.AllowedImages;
import io.securememcached.operator.resource.Mesh;
import io.securememcached.operator.resource.Settings;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * The operator's settings, from environment variables; docs/configuration.md lists them.
 *
 * @param settings settings for the children
 * @param exporter whether the exporter has logins on the servers
 * @param podName name of this process's pod, its identity in leader election
 * @param watchNamespaces namespaces to watch; empty for all
 * @param leaderElection whether to acquire the Lease before acting
 * @param healthPort TCP port of {@code /livez} and {@code /readyz}; 0 takes a free one
 * @param metricsPort TCP port of {@code /metrics}; 0 takes a free one
 * @param metricsAccess who may read the metrics
 * @param threads number of resources that are reconciled concurrently
 * @param maxConcurrentUpdates servers that restart at the same time for what the operator changes
 * @param maxUpdatesPerMinute servers that restart within a minute for what the operator changes
 * @param logLevel error, warn, info, debug or trace
 */
public record OperatorConfig(
    Settings settings,
    ExporterSettings exporter,
    String podName,
    Set<String> watchNamespaces,
    boolean leaderElection,
    int healthPort,
    int metricsPort,
    MetricsAccess metricsAccess,
    int threads,
    int maxConcurrentUpdates,
    int maxUpdatesPerMinute,
    String logLevel) {

  public OperatorConfig {
    watchNamespaces = Set.copyOf(watchNamespaces);
  }

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong, and the way out
   */
  public static OperatorConfig from(Map<String, String> environment) {
    String namespace = Variables.required(environment, "OPERATOR_NAMESPACE");
    Map<Image.Flavor, String> images = new EnumMap<>(Image.Flavor.class);
    images.put(Image.Flavor.CentOS7, Variables.required(environment, "MEMCACHED_IMAGE_CENTOS7"));
    images.put(Image.Flavor.Debian12, Variables.required(environment, "MEMCACHED_IMAGE_DEBIAN12"));
    images.put(Image.Flavor.Debian13, Variables.required(environment, "MEMCACHED_IMAGE_DEBIAN13"));
    return new OperatorConfig(
        new Settings(
            namespace,
            podLabels(environment),
            images,
            IntendedTrafficText.read(environment.getOrDefault("INTENDED_TRAFFIC", "")),
            allowedImages(environment.getOrDefault("ALLOWED_IMAGE_REFERENCES", "*")),
            platformUserIds(environment),
            flavor(environment),
            Variables.list(environment, "EXTERNAL_ALLOWED_ANNOTATIONS"),
            mesh(environment)),
        new ExporterSettings(
            Variables.flag(environment, "EXPORTER", false),
            Duration.ofDays(
                Variables.number(environment, "EXPORTER_KEY_ROTATION_DAYS", 30, 1, 3650))),
        Variables.required(environment, "POD_NAME"),
        Variables.namespaces(environment.getOrDefault("WATCH_NAMESPACES", ""), namespace),
        Variables.flag(environment, "LEADER_ELECTION", true),
        Variables.number(environment, "HEALTH_PORT", 8081, 0, 65535),
        Variables.number(environment, "METRICS_PORT", 8080, 0, 65535),
        MetricsAccess.from(environment),
        Variables.number(environment, "RECONCILE_THREADS", 4, 1, 64),
        Variables.number(environment, "UPDATE_MAX_CONCURRENT", 1, 1, 1000),
        Variables.number(environment, "UPDATE_MAX_PER_MINUTE", 10, 1, 10000),
        Variables.logLevel(environment));
  }

  /**
   * The labels by which servers allow the operator: those of its own pod, since kustomize or a
   * platform may have changed them, and only those that are stable over an upgrade.
   */
  private static Map<String, String> podLabels(Map<String, String> environment) {
    return Map.of(
        "app.kubernetes.io/name", Variables.required(environment, "POD_LABEL_NAME"),
        "app.kubernetes.io/instance", Variables.required(environment, "POD_LABEL_INSTANCE"));
  }

  private static Image.Flavor flavor(Map<String, String> environment) {
    String name = environment.getOrDefault("DEFAULT_FLAVOR", Image.Flavor.CentOS7.name());
    return Image.Flavor.named(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "DEFAULT_FLAVOR is '"
                        + name
                        + "'; expected one of "
                        + Arrays.toString(Image.Flavor.values())));
  }

  private static Mesh mesh(Map<String, String> environment) {
    String name = environment.getOrDefault("MESH", Mesh.None.name());
    return Mesh.named(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "MESH is '"
                        + name
                        + "'; expected one of "
                        + Arrays.toString(Mesh.values())
                        + ", see docs/meshes.md for others"));
  }

  private static AllowedImages allowedImages(String text) {
    return new AllowedImages(
        Arrays.stream(text.split(","))
            .map(String::strip)
            .filter(entry -> !entry.isEmpty())
            .toList());
  }

  private static boolean platformUserIds(Map<String, String> environment) {
    String value = environment.getOrDefault("USER_IDS", "fixed");
    return switch (value) {
      case "fixed" -> false;
      case "platform" -> true;
      default ->
          throw new IllegalArgumentException(
              "USER_IDS is '" + value + "'; expected fixed or platform");
    };
  }
}
