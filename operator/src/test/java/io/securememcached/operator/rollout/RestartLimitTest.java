package io.securememcached.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.updates.Rollout.Phase;
import io.securememcached.operator.updates.ServerUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** How many servers of all resources restart at once for what the operator changes. */
class RestartLimitTest {

  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
  private static final SecureMemcached CACHE =
      Fleet.resource("{replicas: 2, updates: {operatorChanges: Immediately, pause: 0s}}");
  private static final StatefulSet OLD = Fleet.set(CACHE, "old", 0);
  private static final StatefulSet NEW = Fleet.set(CACHE, "new", 0);
  private static final String CONCURRENT =
      "Waits for servers of other resources: the operator restarts at most 1 at a time (chart value updates.maxConcurrent).";

  private Instant now = NOON;
  private RestartLimit limit = limit(1, 100);

  @Test
  void oneServerOfAllResourcesRestartsAtATime() {
    assertThat(asks("a")).isTrue();
    Decision waits = decide("b", outdated("b"), NEW);
    assertThat(waits.restart()).isEmpty();
    assertThat(waits.rollout().phase()).isEqualTo(Phase.RESTARTING);
    assertThat(waits.rollout().detail()).isEqualTo(CONCURRENT);
    assertThat(waits.rollout().next()).contains(NOON.plusSeconds(5));
    assertThat(waits.rollout().pending()).hasSize(2);
    assertThat(waits.rollout().id()).isNotEmpty();
  }

  @Test
  void nextRestartsWhenAllServersOfTheFirstAreReady() {
    assertThat(asks("a")).isTrue();
    Pod other = server("a", OLD, 0);
    observe("a", outdated("a").getFirst(), server("a", OLD, 1));
    assertThat(asks("b")).as("the watch still has the deleted pod").isFalse();
    observe("a", other);
    assertThat(asks("b")).as("the new pod does not exist").isFalse();
    observe("a", other, Fleet.unready(server("a", NEW, 1)));
    assertThat(asks("b")).as("the new server is not ready").isFalse();
    observe("a", other, server("a", NEW, 1));
    assertThat(asks("b")).isTrue();
    assertThat(asks("c")).isFalse();
  }

  @Test
  void deletedResourceIsForgotten() {
    assertThat(asks("a")).isTrue();
    limit.forget(id("a"));
    assertThat(asks("b")).isTrue();
  }

  /** Else it would block all others. */
  @Test
  void serverThatNeverGetsReadyCountsTenMinutes() {
    assertThat(asks("a")).isTrue();
    now = NOON.plus(Duration.ofMinutes(10)).minusMillis(1);
    assertThat(asks("b")).isFalse();
    now = NOON.plus(Duration.ofMinutes(10));
    assertThat(asks("b")).isTrue();
  }

  @Test
  void clockThatWasWrongBlocksNobody() {
    assertThat(asks("a")).isTrue();
    now = NOON.minus(Duration.ofDays(1));
    assertThat(asks("b")).isTrue();
  }

  @Test
  void restartsPerMinuteAreLimited() {
    limit = limit(100, 2);
    assertThat(asks("a")).isTrue();
    now = NOON.plusSeconds(20);
    assertThat(asks("b")).isTrue();
    Decision waits = decide("c", outdated("c"), NEW);
    assertThat(waits.restart()).isEmpty();
    assertThat(waits.rollout().detail())
        .isEqualTo(
            "Waits for servers of other resources: the operator restarts at most 2 a minute (chart value updates.maxPerMinute).");
    assertThat(waits.rollout().next()).contains(NOON.plusSeconds(60));
    now = NOON.plusSeconds(60);
    assertThat(asks("c")).isTrue();
    assertThat(asks("d")).isFalse();
  }

  @Test
  void whoHasAskedFirstComesFirst() {
    assertThat(asks("a")).isTrue();
    now = now.plusSeconds(1);
    assertThat(asks("b")).isFalse();
    assertThat(asks("c")).isFalse();
    observe("a", server("a", OLD, 0), server("a", NEW, 1));
    assertThat(asks("c")).isFalse();
    assertThat(asks("a")).as("its next server").isFalse();
    assertThat(asks("b")).isTrue();
    limit.forget(id("b"));
    assertThat(asks("a")).isFalse();
    assertThat(asks("c")).isTrue();
  }

  @Test
  void whoAsksNoMoreLosesItsPlace() {
    assertThat(asks("a")).isTrue();
    assertThat(asks("b")).isFalse();
    assertThat(asks("c")).isFalse();
    limit.forget(id("a"));
    assertThat(asks("c")).isFalse();
    // Taken back: nothing is pending.
    assertThat(decide("b", outdated("b"), OLD).rollout().phase()).isEqualTo(Phase.UP_TO_DATE);
    assertThat(asks("c")).isTrue();

    limit = limit(1, 100);
    assertThat(asks("a")).isTrue();
    assertThat(asks("b")).isFalse();
    now = now.plusSeconds(10);
    assertThat(asks("c")).isFalse();
    limit.forget(id("a"));
    now = now.plusSeconds(10);
    assertThat(asks("c")).isTrue();
  }

  @Test
  void thousandThatWaitAskOnceAMinute() {
    assertThat(asks("a")).isTrue();
    for (int number = 0; number < 999; number++) {
      assertThat(asks("waits-" + number)).isFalse();
    }
    assertThat(decide("last", outdated("last"), NEW).rollout().next())
        .contains(now.plusSeconds(60));
    assertThat(decide("waits-0", outdated("waits-0"), NEW).rollout().next())
        .contains(now.plusSeconds(5));
  }

  /** The watch may be late, and the API server may have answered with a conflict. */
  @Test
  void sameServerMayBeAskedForAgain() {
    assertThat(asks("a")).isTrue();
    assertThat(asks("a")).isTrue();
    assertThat(asks("b")).isFalse();
  }

  @Test
  void refusedRestartDoesNotCount() {
    limit = limit(1, 1);
    assertThat(asks("a")).isTrue();
    limit.refused(id("a"));
    assertThat(asks("b")).isTrue();
  }

  /** It has no cache to lose. */
  @Test
  void serverThatDoesNotRunIsNotLimited() {
    assertThat(asks("a")).isTrue();
    List<Pod> broken =
        List.of(server("b", OLD, 0), Fleet.failing(server("b", OLD, 1), "ImagePullBackOff"));
    assertThat(decide("b", broken, NEW).restart())
        .extracting(ServerUpdate::name)
        .containsExactly("cache-1");
    assertThat(decide("c", outdated("c"), NEW).restart()).isEmpty();
  }

  @Test
  void changedSpecAndRequestsAreNotLimited() {
    assertThat(asks("a")).isTrue();
    StatefulSet changed =
        Fleet.set(
            Fleet.resource("{replicas: 2, cacheSize: 128Mi, updates: {pause: 0s}}"), "new", 0);
    assertThat(decide("b", outdated("b"), changed).restart()).hasSize(1);
    StatefulSet requested = Fleet.set(CACHE, "new", 1);
    assertThat(decide("c", outdated("c"), requested).restart()).hasSize(1);
    // And they use nothing up.
    limit.forget(id("a"));
    assertThat(asks("d")).isTrue();
  }

  @Test
  void threadsShareTheLimit() throws Exception {
    limit = limit(3, 1000);
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<Callable<Boolean>> asks = new ArrayList<>();
      for (int number = 0; number < 200; number++) {
        String name = "cache-of-" + number;
        asks.add(() -> asks(name));
      }
      int restarts = 0;
      for (Future<Boolean> answer : threads.invokeAll(asks)) {
        restarts += answer.get() ? 1 : 0;
      }
      assertThat(restarts).isEqualTo(3);
    }
  }

  private RestartLimit limit(int maxConcurrent, int maxPerMinute) {
    return new RestartLimit(maxConcurrent, maxPerMinute, () -> now);
  }

  /** Whether a server of a resource that is out of date may restart. */
  private boolean asks(String name) {
    return !decide(name, outdated(name), NEW).restart().isEmpty();
  }

  private Decision decide(String name, List<Pod> servers, StatefulSet set) {
    return limit.apply(
        Decision.of(
            new Decision.Input(
                "id",
                ServerUpdate.all(CACHE, set, servers, (pod, effect) -> false),
                servers,
                2,
                Map.of(),
                pod -> false,
                true,
                new Permission(CACHE.getSpec().updates(), false, NOON))),
        id(name));
  }

  private void observe(String name, Pod... servers) {
    limit.observe(id(name), List.of(servers), 2);
  }

  private static List<Pod> outdated(String name) {
    return List.of(server(name, OLD, 0), server(name, OLD, 1));
  }

  private static Pod server(String name, StatefulSet set, int number) {
    Pod pod = Fleet.server(set, number, NOON.minusSeconds(3600));
    String image = pod.getSpec().getContainers().getFirst().getImage();
    return new PodBuilder(pod).editMetadata().withUid(name + number + image).endMetadata().build();
  }

  private static ResourceID id(String name) {
    return new ResourceID(name, "shop");
  }
}
