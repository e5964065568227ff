package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.verify.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VerificationMetricsTest {

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final VerificationMetrics metrics =
      new VerificationMetrics(registry, InstantSource.fixed(NOON));
  private final SecureMemcached resource = new SecureMemcached();
  private final Pod pod =
      new PodBuilder()
          .withNewMetadata()
          .withNamespace("shop")
          .withName("cache-0")
          .withUid("1")
          .endMetadata()
          .build();

  VerificationMetricsTest() {
    resource.getMetadata().setName("cache");
  }

  /** The first run may end with an error, and know of one check alone. */
  @Test
  void laterRunsAddTheirChecks() {
    record(Map.of(Check.REACHABLE, Outcome.UNKNOWN));
    record(Map.of(Check.REACHABLE, Outcome.PASSED, Check.UDP_OFF, Outcome.FAILED));
    assertThat(gauges())
        .containsExactlyEntriesOf(new TreeMap<>(Map.of("reachable", 1.0, "udp-off", 0.0)));
    record(Map.of(Check.REACHABLE, Outcome.UNKNOWN));
    assertThat(gauges()).containsEntry("reachable", Double.NaN).containsEntry("udp-off", 0.0);
    assertThat(registry.get("securememcached.proof.age").gauge().value()).isEqualTo(60);
    metrics.forget(pod);
    assertThat(registry.getMeters()).isEmpty();
  }

  private void record(Map<Check, Outcome> outcomes) {
    Map<Check, Verdict> verdicts = new EnumMap<>(Check.class);
    outcomes.forEach((check, outcome) -> verdicts.put(check, new Verdict(outcome, "seen")));
    metrics.record(resource, pod, verdicts, NOON.minusSeconds(60));
  }

  private Map<String, Double> gauges() {
    Map<String, Double> gauges = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      String check = meter.getId().getTag("check");
      if (check != null) {
        gauges.put(
            check, registry.get("securememcached.check").tag("check", check).gauge().value());
      }
    }
    return gauges;
  }
}
