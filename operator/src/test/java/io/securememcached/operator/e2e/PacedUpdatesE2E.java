package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Caches.KEYS;
import static io.securememcached.operator.e2e.Caches.SERVERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.testing.ImpatientClient;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** One server after another: with a pause, in a window, and not after one that got worse. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class PacedUpdatesE2E {

  private static final String CHANGE = "maxConnections: 1100";

  private final Installation installation;
  private final Caches caches;

  PacedUpdatesE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    caches = new Caches(cluster, installation, "e2e-paced");
  }

  @AfterAll
  void stop() {
    caches.close();
  }

  @Test
  void brokenImageCostsOneServerOnly() {
    caches.createFilled("halted");
    String kept = uid("halted-0");
    caches.apply(
        "halted", "{pause: 0s}", "image: {reference: securememcached.invalid/no-such-image:1}");
    caches.awaitUpToDate("halted", "False", "RolloutHalted");
    caches.apply("halted", "{pause: 0s}", "");
    caches.sandbox().awaitReady("halted");
    caches.awaitUpToDate("halted", "True", "UpToDate");
    assertThat(uid("halted-0")).isEqualTo(kept);
    caches.assertLost("broken image, taken back", Map.of("halted", KEYS));

    // The counter-example: a rollout that goes on restarts the other server, too.
    caches.fill("halted");
    caches.apply(
        "halted", "{pause: 0s}", "image: {reference: securememcached.invalid/no-such-image:2}");
    caches.awaitUpToDate("halted", "False", "RolloutHalted");
    caches.sandbox().client().resource(caches.sandbox().pod("halted-0")).delete();
    caches.apply("halted", "{pause: 0s}", "");
    caches.sandbox().awaitReady("halted");
    caches.awaitUpToDate("halted", "True", "UpToDate");
    caches.assertLost("the same without the halt", Map.of("halted", SERVERS * KEYS));
  }

  /** Each server restarts once, at whatever step of the rollout the operator is killed. */
  @Test
  void killedOperatorContinuesARollout() {
    caches.createFilled("killed");
    Set<String> before = caches.uids("killed");
    String last = uid("killed-0");
    caches.apply("killed", "{pause: 20s}", CHANGE);
    installation.kill();
    Sandbox.eventually(
        "the first restart", () -> assertThat(caches.uids("killed")).isNotEqualTo(before));
    installation.kill();
    caches.sandbox().awaitPod("killed-1");
    assertThat(uid("killed-0")).as("in the pause").isEqualTo(last);
    caches.assertLost("a rollout in its pause", Map.of("killed", KEYS));
    caches.sandbox().awaitReady("killed");
    caches.awaitUpToDate("killed", "True", "UpToDate");
    assertThat(caches.uids("killed")).hasSize(SERVERS).doesNotContainAnyElementsOf(before);
    assertThat(caches.events("killed").filter(event -> event.endsWith("RestartingServer")))
        .hasSizeBetween(SERVERS - 1, SERVERS);
    caches.assertLost("the whole rollout", Map.of("killed", SERVERS * KEYS));
  }

  /** As people do it; Kubernetes itself restarts nothing with OnDelete. */
  @Test
  void restartByKubectlRestartsEachServerOnce() {
    caches.createFilled("kubectl");
    Set<String> before = caches.uids("kubectl");
    installation.kubectl(
        "rollout", "restart", "-n", caches.sandbox().namespace(), "statefulset/kubectl");
    Sandbox.eventually(
        "new servers",
        () ->
            assertThat(caches.uids("kubectl"))
                .hasSize(SERVERS)
                .doesNotContainAnyElementsOf(before));
    caches.awaitUpToDate("kubectl", "True", "UpToDate");
    Set<String> after = caches.uids("kubectl");
    caches.sandbox().awaitReady("kubectl");
    assertThat(caches.uids("kubectl")).isEqualTo(after);
  }

  /** By the clock of this machine. The window is far until all was seen to wait for it. */
  @Test
  void serversRestartWhenTheWindowOpens() {
    caches.createFilled("window");
    Set<String> before = caches.uids("window");
    caches.apply("window", window(ZonedDateTime.now(ZoneOffset.UTC).plusHours(6)), CHANGE);
    caches.awaitUpToDate("window", "False", "WaitingForWindow");
    caches.assertLost("a change before the window", Map.of("window", 0));
    assertThat(caches.uids("window")).isEqualTo(before);

    ZonedDateTime opens =
        ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
    caches.apply("window", window(opens), CHANGE);
    Sandbox.eventually(
        "new servers",
        () ->
            assertThat(caches.uids("window")).hasSize(SERVERS).doesNotContainAnyElementsOf(before));
    assertThat(caches.pods("window"))
        .allSatisfy(
            pod ->
                assertThat(Instant.parse(pod.getMetadata().getCreationTimestamp()))
                    .isAfterOrEqualTo(opens.toInstant()));
    caches.sandbox().awaitReady("window");
    caches.assertLost("the same in the window", Map.of("window", SERVERS * KEYS));
  }

  private static String window(ZonedDateTime opens) {
    return "{pause: 0s, specChanges: InWindow, windows: [{start: \"%s\", duration: 1h}]}"
        .formatted(opens.format(DateTimeFormatter.ofPattern("HH:mm")));
  }

  /** A drain and a rollout together leave one server at each moment. */
  @Test
  void drainInTheMiddleWaitsForTheRestartedServer() {
    caches.createFilled("drained");
    Set<String> before = caches.uids("drained");
    caches.apply("drained", "{pause: 1h}", CHANGE);
    Sandbox.eventually(
        "the first restart", () -> assertThat(caches.uids("drained")).isNotEqualTo(before));
    try (KubernetesClient drain =
        ImpatientClient.of(caches.sandbox().client().getConfiguration())) {
      Sandbox.eventually("the eviction", () -> assertThat(evict("drained-0", drain)).isTrue());
    }
    assertThat(isReady("drained-1")).as("the other server at the eviction").isTrue();
    Sandbox.eventually(
        "new servers",
        () ->
            assertThat(caches.uids("drained"))
                .hasSize(SERVERS)
                .doesNotContainAnyElementsOf(before));
    // It came back with the change, so nothing is left to restart.
    caches.sandbox().awaitReady("drained");
    caches.awaitUpToDate("drained", "True", "UpToDate");
    caches.assertLost("a drain in the middle of a rollout", Map.of("drained", SERVERS * KEYS));
    assertThat(caches.events("drained").filter(event -> event.endsWith("RestartingServer")))
        .hasSize(1);
  }

  private boolean evict(String name, KubernetesClient drain) {
    return drain.pods().inNamespace(caches.sandbox().namespace()).withName(name).evict();
  }

  private boolean isReady(String name) {
    return Pods.isReady(caches.sandbox().pod(name));
  }

  private String uid(String pod) {
    return caches.sandbox().pod(pod).getMetadata().getUid();
  }
}
