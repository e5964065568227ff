package io.securememcached.operator.reconcile;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.Condition;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The status as gauges: {@code securememcached_condition} is 1 for the status and reason that a
 * condition has, and {@code securememcached_logins} is the number of a resource's users whose login
 * is in a phase. What is not so has no series: a condition has one, not one for each status and
 * reason that it could have.
 *
 * <p>The series are made from the statuses when they are read. A meter for each would take more
 * memory than the statuses.
 */
final class StatusMetrics implements MultiCollector {

  private static final String CONDITION = "securememcached_condition";
  private static final String LOGINS = "securememcached_logins";

  private final Map<ResourceID, SecureMemcachedStatus> statuses = new ConcurrentHashMap<>();

  /** Of a process; they are part of what the registry serves from now on. */
  StatusMetrics(PrometheusRegistry registry) {
    registry.register(this);
  }

  /** Records the status that a resource has, or is about to get. */
  void record(ResourceID resource, SecureMemcachedStatus status) {
    statuses.put(resource, status);
  }

  /** Removes the series of a deleted resource. */
  void forget(ResourceID resource) {
    statuses.remove(resource);
  }

  @Override
  public List<String> getPrometheusNames() {
    return List.of(CONDITION, LOGINS);
  }

  @Override
  public MetricSnapshots collect() {
    GaugeSnapshot.Builder conditions =
        GaugeSnapshot.builder()
            .name(CONDITION)
            .help("1 for the status and the reason that the condition has");
    GaugeSnapshot.Builder logins =
        GaugeSnapshot.builder().name(LOGINS).help("Users whose login is in this phase");
    statuses.forEach(
        (resource, status) -> {
          Labels labels =
              Labels.of(
                  "namespace", resource.getNamespace().orElse(""), "name", resource.getName());
          status.conditions().stream()
              .map(condition -> labels(labels, condition))
              .distinct()
              .forEach(of -> conditions.dataPoint(point(of, 1)));
          byPhase(status)
              .forEach(
                  (phase, users) ->
                      logins.dataPoint(point(labels.add("phase", phase.name()), users)));
        });
    return MetricSnapshots.of(conditions.build(), logins.build());
  }

  private static Map<CredentialsPhase, Long> byPhase(SecureMemcachedStatus status) {
    return status.credentials().stream()
        .collect(Collectors.groupingBy(CredentialsStatus::phase, Collectors.counting()));
  }

  /** A condition of the last status is kept as it was read, and the schema requires no reason. */
  private static Labels labels(Labels resource, Condition condition) {
    return resource
        .add("type", condition.getType())
        .add("status", condition.getStatus())
        .add("reason", requireNonNullElse(condition.getReason(), ""));
  }

  private static GaugeSnapshot.GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeSnapshot.GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }
}
