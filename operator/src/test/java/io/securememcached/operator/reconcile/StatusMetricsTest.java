package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Prometheus reads of the status. */
class StatusMetricsTest {

  private static final ResourceID CACHE = new ResourceID("cache", "shop");
  private static final ResourceID OTHER = new ResourceID("other", "shop");

  private static final String READY =
      """
      conditions:
        - {type: Ready, status: "True", reason: AllServersReady, message: m}
        - {type: NotExposed, status: "False", reason: Exposed, message: m}
      credentials:
        - {user: a, phase: Active}
        - {user: b, phase: Active}
        - {user: c, phase: Delivering}
      """;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final StatusMetrics metrics = new StatusMetrics(registry.getPrometheusRegistry());

  @Test
  void conditionHasOneSeriesAndPhasesAreCounted() {
    metrics.record(CACHE, status(READY));
    assertThat(lines())
        .containsExactlyInAnyOrder(
            condition("cache", "AllServersReady", "True", "Ready"),
            condition("cache", "Exposed", "False", "NotExposed"),
            logins("Active", "2.0"),
            logins("Delivering", "1.0"));
  }

  @Test
  void seriesFollowTheStatus() {
    metrics.record(CACHE, status(READY));
    metrics.record(
        CACHE,
        status(
            """
            conditions: [{type: Ready, status: "False", reason: ServerFailing, message: m}]
            credentials: [{user: a, phase: Overlapping}]
            """));
    assertThat(lines())
        .containsExactlyInAnyOrder(
            condition("cache", "ServerFailing", "False", "Ready"), logins("Overlapping", "1.0"));
  }

  @Test
  void seriesOfADeletedResourceAreRemoved() {
    metrics.record(CACHE, status(READY));
    metrics.record(
        OTHER,
        status("conditions: [{type: Ready, status: Unknown, reason: InternalError, message: m}]"));
    metrics.forget(CACHE);
    metrics.forget(CACHE);
    assertThat(lines()).containsExactly(condition("other", "InternalError", "Unknown", "Ready"));
  }

  /** A status is read from the API server: a type that is there twice must not end the scrape. */
  @Test
  void repeatedConditionHasOneSeries() {
    metrics.record(
        CACHE,
        status(
            """
            conditions:
              - {type: Ready, status: "True", reason: AllServersReady, message: one}
              - {type: Ready, status: "True", reason: AllServersReady, message: two}
            """));
    assertThat(lines()).containsExactly(condition("cache", "AllServersReady", "True", "Ready"));
  }

  @Test
  void reasonMayBeMissing() {
    metrics.record(CACHE, status("conditions: [{type: Ready, status: Unknown}]"));
    assertThat(lines()).containsExactly(condition("cache", "", "Unknown", "Ready"));
  }

  private Stream<String> lines() {
    return registry.scrape().lines().filter(line -> !line.startsWith("#"));
  }

  private static SecureMemcachedStatus status(String yaml) {
    return Serialization.unmarshal(yaml, SecureMemcachedStatus.class);
  }

  private static String condition(String name, String reason, String status, String type) {
    return "securememcached_condition{name=\"%s\",namespace=\"shop\",reason=\"%s\",status=\"%s\",type=\"%s\"} 1.0"
        .formatted(name, reason, status, type);
  }

  private static String logins(String phase, String users) {
    return "securememcached_logins{name=\"cache\",namespace=\"shop\",phase=\"%s\"} %s"
        .formatted(phase, users);
  }
}
