package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFindsFault;
import static io.securememcached.operator.e2e.Place.Reach.CONNECTED;
import static io.securememcached.operator.e2e.Place.Reach.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.resource.Labels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Who gets in: pods by their labels and hosts outside of the cluster by their addresses, at once
 * and on the running server. The counter-example of each check is a server that no policy selects.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class SourceZonesE2E {

  private static final String WEB = "podSelector: {matchLabels: {app: web}}";
  private static final String OTHER = "podSelector: {matchLabels: {app: other}}";
  private static final String FRIEND = "cidr: 10.30.0.61/32";

  private final Sandbox sandbox;
  private final Cluster.OutsideHost friend;
  private final Cluster.OutsideHost neighbour;
  private Place web;
  private Place other;
  private Server open;

  SourceZonesE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-zones");
    friend = cluster.outside("e2e-friend", "10.30.0.61");
    neighbour = cluster.outside("e2e-neighbour", "10.30.0.62");
  }

  @BeforeAll
  void start() {
    sources();
    open = new BarePods(sandbox).withoutSasl("open");
    web = sandbox.client("web", Map.of("app", "web"));
    other = sandbox.client("other", Map.of("app", "other"));
    sandbox.awaitReady("sessions");
  }

  @AfterAll
  void stop() {
    friend.close();
    neighbour.close();
    sandbox.close();
  }

  @Test
  void withoutZonesNobodyGetsIn() {
    sources(WEB, FRIEND);
    Server server = server();
    Sandbox.awaitReach(web, server, CONNECTED);
    Sandbox.awaitReach(friend, server, CONNECTED);
    sources();
    Sandbox.awaitReach(web, server, TIMED_OUT);
    Sandbox.awaitReach(friend, server, TIMED_OUT);
    // The same places do get in where nothing keeps them out, so it is the policies that do.
    List<Place> all = List.of(web, other, friend, neighbour);
    assertThat(all).allSatisfy(place -> assertThat(place.reach(open)).isEqualTo(CONNECTED));
    Checks.Check shut =
        target ->
            assertThat(all)
                .allSatisfy(place -> assertThat(place.reach(target)).isEqualTo(TIMED_OUT));
    shut.on(server);
    assertFindsFault(shut, open);
  }

  @Test
  void zoneLetsInAPodAndAnOutsideAddressAndNotTheirNeighbours() {
    sources(WEB, FRIEND);
    Server server = server();
    Sandbox.awaitReach(web, server, CONNECTED);
    Sandbox.awaitReach(friend, server, CONNECTED);
    Checks.Check letsInTheNamedAlone =
        target -> {
          assertThat(other.reach(target)).isEqualTo(TIMED_OUT);
          assertThat(neighbour.reach(target)).isEqualTo(TIMED_OUT);
          assertThat(web.reach(target)).isEqualTo(CONNECTED);
          assertThat(friend.reach(target)).isEqualTo(CONNECTED);
        };
    letsInTheNamedAlone.on(server);
    assertFindsFault(letsInTheNamedAlone, open);
  }

  @Test
  void changeTakesEffectOnTheRunningServer() throws Exception {
    sources(WEB);
    Server server = server();
    Sandbox.awaitReach(web, server, CONNECTED);
    Sandbox.awaitReach(friend, server, TIMED_OUT);
    Identity before;
    try (Relay relay = new Relay(web, server);
        MemcachedClient connection = relay.login()) {
      assertThat(connection.set("key", bytes("kept"), Duration.ZERO).ok()).isTrue();
      before = identity(server, connection);

      Figure figure = Figure.of("a source added, until it gets in");
      sources(WEB, OTHER, FRIEND);
      Sandbox.awaitReach(other, server, CONNECTED);
      figure.done();
      Sandbox.awaitReach(friend, server, CONNECTED);

      figure = Figure.of("a source removed, until a connection has timed out after 3 s");
      sources(WEB);
      Sandbox.awaitReach(other, server, TIMED_OUT);
      figure.done();
      Sandbox.awaitReach(friend, server, TIMED_OUT);

      assertIsStill(before, server, connection);

      // The counter-example: the server is replaced.
      sandbox.replace("sessions-0");
    }
    Server replaced = server();
    Sandbox.awaitReach(web, replaced, CONNECTED);
    try (Relay relay = new Relay(web, replaced);
        MemcachedClient connection = relay.login()) {
      Checks.assertFails(() -> assertIsStill(before, replaced, connection));
      assertThat(connection.get("key").ok()).isFalse();
    }
  }

  @Test
  void listAdmitsItsHostsUntilTheyAreRemoved() {
    list("# nobody yet");
    sources("cidrsFrom: {configMap: friends}");
    Server server = server();
    Sandbox.awaitReach(web, server, TIMED_OUT);
    assertThat(friend.reach(server)).isEqualTo(TIMED_OUT);

    Figure figure = Figure.of("a line added to a list, until its host gets in");
    list("# friends\n10.30.0.61/32\n");
    Sandbox.awaitReach(friend, server, CONNECTED);
    figure.done();
    Checks.Check letsInTheListedAlone =
        target -> {
          assertThat(neighbour.reach(target)).isEqualTo(TIMED_OUT);
          assertThat(web.reach(target)).isEqualTo(TIMED_OUT);
          assertThat(friend.reach(target)).isEqualTo(CONNECTED);
        };
    letsInTheListedAlone.on(server);
    assertFindsFault(letsInTheListedAlone, open);

    // A list that can't be used: the last good one stays.
    list("10.30.0.62/32\nneighbour.example\n");
    sandbox.awaitReason("sessions", "SourceListUnusable");
    letsInTheListedAlone.on(server);

    list("10.30.0.62/32\n");
    Sandbox.awaitReach(friend, server, TIMED_OUT);
    Sandbox.awaitReach(neighbour, server, CONNECTED);
    Checks.assertFails(() -> letsInTheListedAlone.on(server));
    sandbox.awaitReady("sessions");
  }

  private void list(String cidrs) {
    sandbox
        .client()
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(sandbox.namespace())
                .withName("friends")
                .addToLabels(Labels.CIDRS, "")
                .endMetadata()
                .addToData("cidrs", cidrs)
                .build())
        .fieldManager("network-team")
        .serverSideApply();
  }

  /** Which process serves: its pod, its starts and its uptime in seconds. */
  private record Identity(String uid, int restarts, long uptime) {}

  private Identity identity(Server server, MemcachedClient connection) throws MemcachedException {
    Pod pod = sandbox.pod(server.pod());
    return new Identity(
        pod.getMetadata().getUid(),
        pod.getStatus().getContainerStatuses().getFirst().getRestartCount(),
        Long.parseLong(connection.statistics().values().get("uptime").text()));
  }

  private void assertIsStill(Identity before, Server server, MemcachedClient connection)
      throws MemcachedException {
    Identity now = identity(server, connection);
    assertThat(now.uid()).isEqualTo(before.uid());
    assertThat(now.restarts()).isEqualTo(before.restarts());
    assertThat(now.uptime()).isGreaterThanOrEqualTo(before.uptime());
    assertThat(connection.get("key").text().text()).isEqualTo("kept");
  }

  private Server server() {
    return sandbox.server("sessions-0", "sessions-credentials");
  }

  /** One zone with these sources; no zone without sources. */
  private void sources(String... sources) {
    sandbox.apply(
        "sessions",
        sources.length == 0
            ? "sourceZones: []"
            : "sourceZones: [{name: named, sources: [{%s}]}]"
                .formatted(String.join("}, {", sources)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
