package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Caches.KEYS;
import static io.securememcached.operator.e2e.Caches.SERVERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.securememcached.operator.api.v1beta1.PendingUpdate;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an update of the operator costs, and what a running server gets without one, in keys: those
 * that are lost beside those that had to be lost.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class UpdatesE2E {

  /** When each resource takes what the operator brings. */
  private static final Map<String, String> RULES =
      new TreeMap<>(Map.of("one", "OnApproval", "two", "OnApproval", "three", "Immediately"));

  private final Installation installation;
  private final Caches caches;

  UpdatesE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    caches = new Caches(cluster, installation, "e2e-updates");
  }

  @AfterAll
  void stop() {
    caches.close();
  }

  /** Resource three is the counter-example: it takes the update at once, and its keys are gone. */
  @Test
  void upgradeRestartsNothingThatIsNotApproved() {
    RULES.forEach(
        (name, rule) -> caches.apply(name, "{pause: 0s, operatorChanges: %s}".formatted(rule), ""));
    RULES.keySet().forEach(caches.sandbox()::awaitReady);
    RULES.keySet().forEach(caches::fill);
    Set<String> untouched = caches.uids("one", "two");
    LoadClient reading = caches.read("two");
    Set<String> replaced = caches.uids("three");

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
      caches.awaitUpToDate("one", "False", "ApprovalNeeded");
      caches.awaitUpToDate("two", "False", "ApprovalNeeded");
      Sandbox.eventually(
          "new servers of three",
          () ->
              assertThat(caches.uids("three"))
                  .hasSize(SERVERS)
                  .doesNotContainAnyElementsOf(replaced));
      caches.awaitUpToDate("three", "True", "UpToDate");
      assertThat(caches.uids("one", "two")).isEqualTo(untouched);
      caches.assertLost("upgrade", Map.of("one", 0, "two", 0, "three", SERVERS * KEYS));
      var one = caches.sandbox().awaitReady("one");
      assertThat(one.getStatus().pendingUpdates())
          .extracting(PendingUpdate::change, PendingUpdate::origin, PendingUpdate::servers)
          .containsExactly(tuple("podTemplate", UpdateOrigin.Operator, List.of("one-1", "one-0")));

      caches.fill("three");
      approve("one", "not-this-one");
      approve("one", one.getStatus().updateId());
      caches.awaitUpToDate("one", "True", "UpToDate");
      caches.assertLost("approval of one", Map.of("one", SERVERS * KEYS, "two", 0, "three", 0));
      assertThat(caches.uids("two")).isEqualTo(two(untouched));
      caches.fill("one");
    } finally {
      installation.helm(
          "rollback", Installation.RELEASE, "--namespace", Installation.NAMESPACE, "--wait");
    }
    caches.awaitUpToDate("two", "True", "UpToDate");
    caches.awaitUpToDate("one", "False", "ApprovalNeeded");
    assertThat(caches.uids("two")).isEqualTo(two(untouched));
    caches.assertLost("rollback", Map.of("one", 0, "two", 0));
    reading.close();
    System.out.printf("  requests during upgrade and rollback: %d%n", reading.requests());
    assertThat(reading.requests()).isGreaterThan(100);
    assertThat(reading.failures()).isEmpty();
    // A drained server comes back with what is pending.
    caches.sandbox().replace("one-1");
    Sandbox.eventually(
        "one pending server",
        () ->
            assertThat(caches.sandbox().get("one").getStatus().pendingUpdates())
                .extracting(PendingUpdate::servers)
                .containsExactly(List.of("one-0")));
    caches.assertLost("drain of one server", Map.of("one", KEYS));
    Shell.Result approved =
        installation.plugin("update", "one", "-n", caches.sandbox().namespace(), "--yes");
    assertThat(approved.code()).as("%s", approved).isZero();
    assertThat(approved.output()).contains("restarts one-0", "Cost: ", "approved update ");
    caches.awaitUpToDate("one", "True", "UpToDate");
    caches.awaitUpToDate("three", "True", "UpToDate");
  }

  /** In the operator's pod, of the real servers; nothing is changed. */
  @Test
  void planSaysWhatAnEditDoesAndDoesNothing(@TempDir Path folder) throws IOException {
    installation.kubectl("apply", "-f", planned(folder, ""));
    long generation = caches.sandbox().awaitReady("planned").getMetadata().getGeneration();
    caches.fill("planned");
    Set<String> before = caches.uids("planned");
    assertThat(plan(planned(folder, "labels: {team: web}"), 0)).contains("planned");
    assertThat(plan(planned(folder, "maxConnections: 1100"), 3))
        .contains("maxConnections", "planned-1", "planned-0");
    assertThat(plan(planned(folder, "port: 70000"), 1)).contains("refused by the API server");
    assertThat(caches.uids("planned")).isEqualTo(before);
    assertThat(caches.sandbox().get("planned").getMetadata().getGeneration()).isEqualTo(generation);
    caches.assertLost("plans", Map.of("planned", 0));
  }

  /** Path of a file with the resource. */
  private String planned(Path folder, String more) throws IOException {
    return Files.writeString(
            folder.resolve("cache.yaml"),
            """
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: planned, namespace: %s}
            spec:
              replicas: %d
              cacheSize: 16Mi
              updates: {pause: 0s}
              sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]
              %s
            """
                .formatted(caches.sandbox().namespace(), SERVERS, more))
        .toString();
  }

  private String plan(String file, int code) {
    Shell.Result result = installation.plugin("plan", "-f", file);
    assertThat(result.code()).as("%s", result).isEqualTo(code);
    System.out.println(result.output().indent(2));
    return result.output();
  }

  /** The counter-example is at the end: without the pause, the same change costs all keys. */
  @Test
  void pausedResourceLosesNothing() {
    caches.createFilled("paused");
    Set<String> before = caches.uids("paused");
    caches.sandbox().annotate("paused", "securememcached.io/pause=true");
    caches.awaitUpToDate("paused", "False", "Paused");
    caches.apply("paused", "{pause: 0s}", "maxConnections: 1100");
    caches.sandbox().annotate("paused", "securememcached.io/restart=now");
    caches
        .sandbox()
        .await(
            "paused",
            resource ->
                resource.getStatus().conditions().stream()
                    .anyMatch(
                        condition ->
                            condition.getType().equals("Ready")
                                && condition.getReason().equals("Paused")));
    assertThat(caches.uids("paused")).isEqualTo(before);
    caches.assertLost("a change and a request of a paused resource", Map.of("paused", 0));
    caches.sandbox().annotate("paused", "securememcached.io/pause-");
    Sandbox.eventually(
        "new servers",
        () ->
            assertThat(caches.uids("paused")).hasSize(SERVERS).doesNotContainAnyElementsOf(before));
    caches.sandbox().awaitReady("paused");
    caches.assertLost("the same when it is not paused", Map.of("paused", SERVERS * KEYS));
  }

  /**
   * The kubelet resizes the container, and the pod gets its labels, with all keys in place. Before
   * Kubernetes 1.33 no kubelet does, and the operator restarts the servers.
   */
  @Test
  void runningServersAreResizedAndLabelled() {
    caches.createFilled("resized");
    Set<String> before = caches.uids("resized");
    caches.apply(
        "resized",
        "{pause: 0s}",
        """
        resources: {limits: {memory: 300Mi}, requests: {cpu: 75m}}
          pod: {labels: {team: web}}""");
    Sandbox.eventually(
        "resized servers",
        () ->
            assertThat(caches.pods("resized"))
                .allSatisfy(
                    pod -> {
                      assertThat(pod.getMetadata().getLabels()).containsEntry("team", "web");
                      assertThat(resources(pod).getLimits().get("memory")).hasToString("300Mi");
                    }));
    caches.awaitUpToDate("resized", "True", "UpToDate");
    if (minorVersion() < 33) {
      assertThat(caches.uids("resized")).doesNotContainAnyElementsOf(before);
      return;
    }
    assertThat(caches.uids("resized")).isEqualTo(before);
    caches.assertLost("resize of two servers", Map.of("resized", 0));
  }

  /** In effect; before Kubernetes 1.33 the status has none. */
  private ResourceRequirements resources(Pod pod) {
    return minorVersion() < 33
        ? pod.getSpec().getContainers().getFirst().getResources()
        : pod.getStatus().getContainerStatuses().getFirst().getResources();
  }

  /** Of Kubernetes 1; a suffix such as "+" is the provider's. */
  private int minorVersion() {
    String minor = caches.sandbox().client().getKubernetesVersion().getMinor();
    return Integer.parseInt(minor.replaceAll("\\D.*", ""));
  }

  private void approve(String name, String id) {
    caches.sandbox().annotate(name, "securememcached.io/approve-update=" + id);
  }

  /** Those of the set that are servers of two. */
  private Set<String> two(Set<String> uids) {
    return caches.uids("two").stream().filter(uids::contains).collect(Collectors.toSet());
  }
}
