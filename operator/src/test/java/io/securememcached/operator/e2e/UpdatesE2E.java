package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.PendingUpdate;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an update costs, in keys: those that are lost beside those that had to be lost. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class UpdatesE2E {

  private static final int KEYS = 500;
  private static final int SERVERS = 2;

  /** Each has two servers, and takes what the operator brings by its own rule. */
  private static final Map<String, String> RULES =
      new TreeMap<>(Map.of("one", "OnApproval", "two", "OnApproval", "three", "Immediately"));

  private final Sandbox sandbox;
  private final Owned owned;
  private final Installation installation;
  private Place web;

  UpdatesE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    sandbox = new Sandbox(cluster, installation, "e2e-updates");
    owned = new Owned(sandbox);
  }

  @BeforeAll
  void start() {
    web = sandbox.client("web", Map.of("app", "web"));
    RULES.keySet().forEach(name -> apply(name, ""));
    RULES.keySet().forEach(sandbox::awaitReady);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  /** Resource three is the counter-example: it takes the update at once, and its keys are gone. */
  @Test
  void upgradeRestartsNothingThatIsNotApproved() {
    RULES.keySet().forEach(this::fill);
    Set<String> untouched = uids("one", "two");
    Set<String> replaced = uids("three");

    // The chart's setting for OpenShift changes the pod template of every server.
    installation.helm(
        "upgrade",
        Installation.RELEASE,
        "charts/securememcached-operator",
        "--namespace",
        Installation.NAMESPACE,
        "--reuse-values",
        "--set",
        "openshift.enabled=true",
        "--wait");
    try {
      awaitUpToDate("one", "False", "ApprovalNeeded");
      awaitUpToDate("two", "False", "ApprovalNeeded");
      Sandbox.eventually(
          "new servers of three",
          () -> assertThat(uids("three")).hasSize(SERVERS).doesNotContainAnyElementsOf(replaced));
      awaitUpToDate("three", "True", "UpToDate");
      assertThat(uids("one", "two")).isEqualTo(untouched);
      assertLost("upgrade", Map.of("one", 0, "two", 0, "three", SERVERS * KEYS));
      var one = sandbox.awaitReady("one");
      assertThat(one.getStatus().pendingUpdates())
          .extracting(PendingUpdate::change, PendingUpdate::origin, PendingUpdate::servers)
          .containsExactly(tuple("podTemplate", UpdateOrigin.Operator, List.of("one-1", "one-0")));

      fill("three");
      approve("one", "not-this-one");
      approve("one", one.getStatus().updateId());
      awaitUpToDate("one", "True", "UpToDate");
      assertLost("approval of one", Map.of("one", SERVERS * KEYS, "two", 0, "three", 0));
      assertThat(uids("two")).isEqualTo(two(untouched));
      fill("one");
    } finally {
      installation.helm(
          "rollback", Installation.RELEASE, "--namespace", Installation.NAMESPACE, "--wait");
    }
    awaitUpToDate("two", "True", "UpToDate");
    awaitUpToDate("one", "False", "ApprovalNeeded");
    assertThat(uids("two")).isEqualTo(two(untouched));
    assertLost("rollback", Map.of("one", 0, "two", 0));
    // A drained server comes back with what is pending.
    sandbox.replace("one-1");
    Sandbox.eventually(
        "one pending server",
        () ->
            assertThat(sandbox.get("one").getStatus().pendingUpdates())
                .extracting(PendingUpdate::servers)
                .containsExactly(List.of("one-0")));
    assertLost("drain of one server", Map.of("one", KEYS));
    approve("one", sandbox.get("one").getStatus().updateId());
    awaitUpToDate("one", "True", "UpToDate");
    awaitUpToDate("three", "True", "UpToDate");
  }

  @Test
  void brokenImageCostsOneServerOnly() {
    apply("halted", "");
    sandbox.awaitReady("halted");
    fill("halted");
    String kept = sandbox.pod("halted-0").getMetadata().getUid();
    apply("halted", "image: {reference: securememcached.invalid/no-such-image:1}");
    awaitUpToDate("halted", "False", "RolloutHalted");
    apply("halted", "");
    sandbox.awaitReady("halted");
    awaitUpToDate("halted", "True", "UpToDate");
    assertThat(sandbox.pod("halted-0").getMetadata().getUid()).isEqualTo(kept);
    assertLost("broken image, taken back", Map.of("halted", KEYS));
  }

  /** The counter-example is at the end: without the pause, the same change costs all keys. */
  @Test
  void pausedResourceLosesNothing() {
    apply("paused", "");
    sandbox.awaitReady("paused");
    fill("paused");
    Set<String> before = uids("paused");
    annotate("paused", "securememcached.io/pause=true");
    awaitUpToDate("paused", "False", "Paused");
    apply("paused", "maxConnections: 1100");
    annotate("paused", "securememcached.io/restart=now");
    sandbox.await(
        "paused",
        resource ->
            resource.getStatus().conditions().stream()
                .anyMatch(
                    condition ->
                        condition.getType().equals("Ready")
                            && condition.getReason().equals("Paused")));
    assertThat(uids("paused")).isEqualTo(before);
    assertLost("a change and a request of a paused resource", Map.of("paused", 0));
    annotate("paused", "securememcached.io/pause-");
    Sandbox.eventually(
        "new servers",
        () -> assertThat(uids("paused")).hasSize(SERVERS).doesNotContainAnyElementsOf(before));
    sandbox.awaitReady("paused");
    assertLost("the same when it is not paused", Map.of("paused", SERVERS * KEYS));
  }

  /** The kubelet resizes the container, and the pod gets its labels, with all keys in place. */
  @Test
  void runningServersAreResizedAndLabelled() {
    apply("resized", "");
    sandbox.awaitReady("resized");
    fill("resized");
    Set<String> before = uids("resized");
    apply(
        "resized",
        """
        resources: {limits: {memory: 300Mi}, requests: {cpu: 75m}}
          pod: {labels: {team: web}}""");
    Sandbox.eventually(
        "resized servers",
        () ->
            assertThat(owned.podsOf("resized"))
                .allSatisfy(
                    pod -> {
                      assertThat(pod.getMetadata().getLabels()).containsEntry("team", "web");
                      assertThat(
                              pod.getStatus()
                                  .getContainerStatuses()
                                  .getFirst()
                                  .getResources()
                                  .getLimits()
                                  .get("memory"))
                          .hasToString("300Mi");
                    }));
    awaitUpToDate("resized", "True", "UpToDate");
    assertThat(uids("resized")).isEqualTo(before);
    assertLost("resize of two servers", Map.of("resized", 0));
  }

  /** Each server restarts once, however often the operator is killed. */
  @Test
  void killedOperatorContinuesARollout() {
    apply("killed", "");
    sandbox.awaitReady("killed");
    Set<String> before = uids("killed");
    apply("killed", "maxConnections: 1100");
    Sandbox.eventually("the first restart", () -> assertThat(uids("killed")).isNotEqualTo(before));
    installation.kill();
    sandbox.awaitReady("killed");
    awaitUpToDate("killed", "True", "UpToDate");
    Set<String> after = uids("killed");
    assertThat(after).hasSize(SERVERS).doesNotContainAnyElementsOf(before);
    assertThat(
            owned.eventsOf("killed").stream().filter(event -> event.contains("RestartingServer")))
        .as("%s", owned.eventsOf("killed"))
        .hasSizeBetween(SERVERS - 1, SERVERS);
  }

  /** As people do it; Kubernetes itself restarts nothing with OnDelete. */
  @Test
  void restartByKubectlRestartsEachServerOnce() {
    apply("kubectl", "");
    sandbox.awaitReady("kubectl");
    Set<String> before = uids("kubectl");
    assertThat(
            installation
                .kubectl("rollout", "restart", "-n", sandbox.namespace(), "statefulset/kubectl")
                .code())
        .isZero();
    Sandbox.eventually(
        "new servers",
        () -> assertThat(uids("kubectl")).hasSize(SERVERS).doesNotContainAnyElementsOf(before));
    awaitUpToDate("kubectl", "True", "UpToDate");
    Set<String> after = uids("kubectl");
    sandbox.awaitReady("kubectl");
    assertThat(uids("kubectl")).isEqualTo(after);
  }

  private void apply(String name, String spec) {
    sandbox.apply(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata:
          name: %s
        spec:
          replicas: %d
          cacheSize: 16Mi
          updates: {pause: 0s, operatorChanges: %s}
          sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]
          %s
        """
            .formatted(name, SERVERS, RULES.getOrDefault(name, "OnApproval"), spec));
  }

  private void approve(String name, String id) {
    annotate(name, "securememcached.io/approve-update=" + id);
  }

  private void annotate(String name, String annotation) {
    Shell.Result result =
        installation.kubectl(
            "annotate", "--overwrite", "-n", sandbox.namespace(), "smc/" + name, annotation);
    assertThat(result.code()).as(result.errors()).isZero();
  }

  private void awaitUpToDate(String name, String status, String reason) {
    sandbox.await(
        name,
        resource ->
            resource.getStatus().conditions().stream()
                .anyMatch(
                    condition ->
                        condition.getType().equals("UpToDate")
                            && condition.getStatus().equals(status)
                            && condition.getReason().equals(reason)));
  }

  private Set<String> uids(String... names) {
    Set<String> uids = new TreeSet<>();
    for (String name : names) {
      owned.podsOf(name).forEach(pod -> uids.add(pod.getMetadata().getUid()));
    }
    return uids;
  }

  /** Those of the set that are servers of two. */
  private Set<String> two(Set<String> uids) {
    return uids("two").stream().filter(uids::contains).collect(Collectors.toSet());
  }

  private void fill(String name) {
    for (Pod pod : owned.podsOf(name)) {
      use(
          name,
          pod,
          client -> {
            for (int i = 0; i < KEYS; i++) {
              client.set("key-" + i, "v".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
            }
            return 0;
          });
    }
  }

  /** Prints and compares how many keys each resource has lost since it was filled. */
  private void assertLost(String after, Map<String, Integer> expected) {
    Map<String, Integer> lost = new TreeMap<>();
    expected.forEach(
        (name, keys) -> {
          if (sandbox.get(name).getStatus().pausedSince().isEmpty()) {
            sandbox.awaitReady(name);
          }
          int left =
              owned.podsOf(name).stream()
                  .mapToInt(
                      pod ->
                          use(
                              name,
                              pod,
                              client ->
                                  Integer.parseInt(
                                      client.statistics().values().get("curr_items").text())))
                  .sum();
          lost.put(name, SERVERS * KEYS - left);
        });
    System.out.printf(
        "  keys lost by %s: %s, had to be %s%n", after, lost, new TreeMap<>(expected));
    assertThat(lost).isEqualTo(new TreeMap<>(expected));
  }

  private interface Use {
    int with(MemcachedClient client) throws MemcachedException;
  }

  private int use(String name, Pod pod, Use use) {
    Server server = sandbox.server(pod.getMetadata().getName(), name + "-credentials");
    try (Relay relay = new Relay(web, server);
        MemcachedClient client = relay.login()) {
      return use.with(client);
    } catch (MemcachedException e) {
      throw new AssertionError(server.toString(), e);
    }
  }
}
