package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.securememcached.operator.memcached.PlainCredentials;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** A changed setting restarts the servers one after another, the next when the last is ready. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class RolloutE2E {

  private static final int SERVERS = 3;

  private final Sandbox sandbox;
  private final Owned owned;

  RolloutE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-rollout");
    owned = new Owned(sandbox);
  }

  @BeforeAll
  void start() {
    apply(1024);
    Figure figure = Figure.of("3 servers from apply to Ready");
    sandbox.awaitReady("sessions");
    figure.done();
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void neverAreTwoServersAwayAtATime() {
    Set<String> before = uids();
    try (Readiness readiness = new Readiness()) {
      Figure figure = Figure.of("3 servers rolled one after another");
      apply(2048);
      sandbox.awaitReason("sessions", "RollingOut");
      sandbox.awaitReady("sessions");
      figure.done();
      assertThat(uids()).hasSize(SERVERS).doesNotContainAnyElementsOf(before);
      readiness.assertOneAtATime();
    }
    assertThat(owned.eventsOf("sessions"))
        .anySatisfy(event -> assertThat(event).endsWith("RollingOut"));

    // The counter-example: two servers go at once.
    try (Readiness readiness = new Readiness()) {
      Set<String> replaced = uids();
      owned.podsOf("sessions").stream()
          .limit(2)
          .forEach(pod -> sandbox.client().resource(pod).delete());
      Sandbox.eventually(
          "two new servers",
          () -> {
            assertThat(uids()).hasSize(SERVERS);
            assertThat(uids().stream().filter(replaced::contains)).hasSize(1);
          });
      sandbox.awaitReady("sessions");
      Checks.assertFails(readiness::assertOneAtATime);
    }
  }

  /** Each server is reached at the port that it has, by a zone's clients, until it restarts. */
  @Test
  void changedPortCutsNoServerOff() {
    Place web = sandbox.client("web", Map.of("app", "web"));
    String zone = "sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]";
    sandbox.apply("ports", "replicas: 2\nupdates: {pause: 0s}\n" + zone);
    sandbox.awaitReady("ports");
    owned.podsOf("ports").forEach(pod -> Sandbox.awaitReach(web, at(pod), Place.Reach.CONNECTED));
    Set<String> before = uidsOf("ports");
    sandbox.apply("ports", "replicas: 2\nport: 21211\nupdates: {pause: 0s}\n" + zone);
    Sandbox.eventually("both ports", () -> assertThat(ports("ports-zone-web")).hasSize(2));
    int asked = 0;
    while (uidsOf("ports").stream().anyMatch(before::contains)) {
      for (Pod pod : owned.podsOf("ports")) {
        Place.Reach reach = isServing(pod) ? web.reach(at(pod)) : Place.Reach.CONNECTED;
        // One that ended meanwhile is no longer asked for.
        if (reach != Place.Reach.CONNECTED) {
          assertThat(
                  isServing(sandbox.pod(pod.getMetadata().getName()))
                      && uidsOf("ports").contains(pod.getMetadata().getUid()))
              .as("%s at %s: %s", pod.getMetadata().getName(), at(pod), reach)
              .isFalse();
        }
        asked++;
      }
    }
    assertThat(asked).isPositive();
    sandbox.awaitReady("ports");
    Sandbox.eventually(
        "one port", () -> assertThat(ports("ports-zone-web")).containsExactly(21211));
    owned.podsOf("ports").forEach(pod -> Sandbox.awaitReach(web, at(pod), Place.Reach.CONNECTED));

    // The counter-example: a port that no server has is closed, not merely unused.
    Pod pod = owned.podsOf("ports").getFirst();
    Sandbox.awaitReach(
        web,
        new Server(pod.getMetadata().getName(), at(pod).address(), 11211, at(pod).login()),
        Place.Reach.TIMED_OUT);
  }

  private static boolean isServing(Pod pod) {
    return pod != null
        && pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("ContainersReady") && c.getStatus().equals("True"));
  }

  private static Server at(Pod pod) {
    return new Server(
        pod.getMetadata().getName(),
        pod.getStatus().getPodIP(),
        pod.getSpec().getContainers().getFirst().getPorts().getFirst().getContainerPort(),
        new PlainCredentials("none", "none"));
  }

  private List<Integer> ports(String policy) {
    return sandbox
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(sandbox.namespace())
        .withName(policy)
        .get()
        .getSpec()
        .getIngress()
        .getFirst()
        .getPorts()
        .stream()
        .map(port -> port.getPort().getIntVal())
        .toList();
  }

  private Set<String> uidsOf(String name) {
    Set<String> uids = new TreeSet<>();
    owned.podsOf(name).forEach(pod -> uids.add(pod.getMetadata().getUid()));
    return uids;
  }

  private Set<String> uids() {
    Set<String> uids = new TreeSet<>();
    owned.podsOf("sessions").forEach(pod -> uids.add(pod.getMetadata().getUid()));
    return uids;
  }

  private void apply(int maxConnections) {
    sandbox.apply(
        "sessions",
        """
        replicas: %d
        maxConnections: %d
        updates: {pause: 0s}
        """
            .formatted(SERVERS, maxConnections));
  }

  /** How many servers were ready after an event. */
  private record Look(int ready, String event) {}

  /** Follows which servers are ready, event by event. */
  private final class Readiness implements AutoCloseable {

    private final Set<String> ready = new TreeSet<>();
    private final List<Look> looks = Collections.synchronizedList(new ArrayList<>());
    private final Watch watch;

    Readiness() {
      owned.podsOf("sessions").forEach(pod -> ready.add(pod.getMetadata().getUid()));
      watch =
          sandbox
              .client()
              .pods()
              .inNamespace(sandbox.namespace())
              .withLabel("securememcached.io/server-of", "sessions")
              .watch(
                  new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Pod pod) {
                      note(action, pod);
                    }

                    @Override
                    public void onClose(WatcherException cause) {
                      if (cause != null) {
                        looks.add(new Look(-1, "the watch ended: " + cause));
                      }
                    }
                  });
    }

    private void note(Watcher.Action action, Pod pod) {
      boolean isDeleted =
          action == Watcher.Action.DELETED || pod.getMetadata().getDeletionTimestamp() != null;
      boolean isReady =
          !isDeleted
              && pod.getStatus().getConditions().stream()
                  .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
      String uid = pod.getMetadata().getUid();
      if (isReady) {
        ready.add(uid);
      } else {
        ready.remove(uid);
      }
      looks.add(
          new Look(
              ready.size(),
              "%s %s of %s %s %s: %s"
                  .formatted(
                      Instant.now(),
                      action,
                      pod.getMetadata().getName(),
                      uid.substring(0, 8),
                      isReady ? "ready" : isDeleted ? "going" : "not ready",
                      pod.getStatus().getContainerStatuses().stream()
                          .map(status -> status.getState() + " " + status.getRestartCount())
                          .toList())));
    }

    void assertOneAtATime() {
      assertThat(looks)
          .anyMatch(look -> look.ready() == SERVERS - 1)
          .allMatch(look -> look.ready() >= SERVERS - 1);
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
