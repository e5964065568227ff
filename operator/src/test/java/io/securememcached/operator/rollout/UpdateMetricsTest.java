package io.securememcached.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Prometheus reads of pending updates. */
class UpdateMetricsTest {

  private static final StatefulSet SET = Fleet.set(Fleet.resource("{}"), "old", 0);
  private static final ResourceID CACHE = new ResourceID("cache", "shop");
  private static final ResourceID OTHER = new ResourceID("other", "shop");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final UpdateMetrics metrics = new UpdateMetrics(registry);

  @Test
  void countsServersByOrigin() {
    metrics.record(
        CACHE,
        pending(
            update(UpdateOrigin.Operator, "closes CVE-2026-12345"),
            update(UpdateOrigin.Operator, ""),
            update(UpdateOrigin.Spec, "")));
    assertThat(lines())
        .containsExactlyInAnyOrder(
            "securememcached_pending_updates{name=\"cache\",namespace=\"shop\",origin=\"Operator\"} 2.0",
            "securememcached_pending_updates{name=\"cache\",namespace=\"shop\",origin=\"Spec\"} 1.0",
            "securememcached_pending_security_updates{name=\"cache\",namespace=\"shop\"} 1.0");
  }

  @Test
  void gaugeFollowsTheRollout() {
    metrics.record(
        CACHE,
        pending(
            update(UpdateOrigin.Operator, "closes CVE-2026-12345"), update(UpdateOrigin.Spec, "")));
    metrics.record(CACHE, pending(update(UpdateOrigin.Operator, "")));
    assertThat(lines())
        .containsExactly(
            "securememcached_pending_updates{name=\"cache\",namespace=\"shop\",origin=\"Operator\"} 1.0");
    metrics.record(CACHE, Rollout.upToDate());
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void gaugesOfADeletedResourceAreRemoved() {
    metrics.record(CACHE, pending(update(UpdateOrigin.Operator, "closes CVE-2026-12345")));
    metrics.record(OTHER, pending(update(UpdateOrigin.Request, "")));
    metrics.forget(CACHE);
    metrics.forget(CACHE);
    assertThat(lines())
        .containsExactly(
            "securememcached_pending_updates{name=\"other\",namespace=\"shop\",origin=\"Request\"} 1.0");
  }

  private Stream<String> lines() {
    return registry.scrape().lines().filter(line -> !line.startsWith("#"));
  }

  private static Rollout pending(ServerUpdate... updates) {
    return new Rollout(Arrays.asList(updates), "id", Rollout.Phase.APPROVAL, "", Optional.empty());
  }

  private static ServerUpdate update(UpdateOrigin origin, String closes) {
    return new ServerUpdate(
        Fleet.server(SET, 0, Instant.EPOCH),
        origin,
        List.of(new ServerUpdate.Change("image", "old", "new", "another program", closes)));
  }
}
