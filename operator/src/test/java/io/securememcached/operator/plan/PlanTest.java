package io.securememcached.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.testing.Fleet;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an edit would do, for servers as the operator created them. */
class PlanTest {

  private static final String OLD = "example/memcached:1";
  private static final String NEW = "example/memcached:2";

  /** A Saturday. */
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

  private static final ClusterLimit LIMIT = new ClusterLimit(2, 20);

  private String old = OLD;
  private SecureMemcachedStatus status = SecureMemcachedStatus.empty();
  private String running = "{replicas: 3}";
  private String current = "{replicas: 3}";
  private String image = OLD;

  @Test
  void nothingChanges() {
    Plan plan = edit("{replicas: 3, port: 11211}");
    assertThat(PlanText.of(plan))
        .isEqualTo("SecureMemcached shop/cache: the spec does not change\n");
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void restartsAreListedWithOrderReasonCostAndTime() {
    Plan plan = edit("{replicas: 3, cacheSize: 128Mi, updates: {pause: 90s}}");
    assertThat(PlanText.of(plan))
        .isEqualTo(
            """
            SecureMemcached shop/cache: 3 of 3 servers restart
              cacheSize from 64Mi to 128Mi
                restarts cache-2, cache-1, cache-0, in this order, as memcached takes the size at the start (-m)
              updates.pause from 1m to 90s
                applies to running servers: it decides when servers restart for other changes
              Cost: each of these servers loses its cache of 64Mi when it restarts
              When: immediately
              One server at a time, 90s after the last one was ready (spec.updates.pause): at least 3m for all
            """);
    assertThat(plan.losesCaches()).isTrue();
  }

  @Test
  void otherFieldsApplyToRunningServers() {
    Plan plan =
        edit(
            "{replicas: 3, labels: {team: web}, image: {pullPolicy: Always}, deletionProtection: true}");
    assertThat(PlanText.of(plan))
        .isEqualTo(
            """
            SecureMemcached shop/cache: no server restarts
              deletionProtection from false to true
                applies to running servers: it is read when the resource is deleted
              image.pullPolicy from IfNotPresent to Always
                at the next start of a server: a node pulls the image when a server starts
              labels.team from none to web
                applies to running servers: it is no part of the pods
            """);
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void addedServersCostNothing() {
    Plan plan = edit("{replicas: 5}");
    assertThat(PlanText.of(plan))
        .contains(
            "no server restarts\n",
            "replicas from 3 to 5\n    creates cache-3, cache-4, with an empty cache; the other servers keep theirs\n    Scaling out from 3 to 5 servers: clients with consistent hashing look for about 40% of their keys on the added servers");
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void removedServersLoseTheirCaches() {
    Plan plan = edit("{replicas: 1, threads: 2}");
    assertThat(PlanText.of(plan))
        .contains(
            "1 of 1 servers restart\n",
            "replicas from 3 to 1\n    removes cache-2, cache-1 at once, with their caches of 64Mi each; the other servers keep theirs\n    Scaling in from 3 to 1 servers: the removed servers' caches are lost, with about 67% of the keys",
            "threads from 4 to 2\n    restarts cache-0, in this order");
    assertThat(plan.losesCaches()).isTrue();
    assertThat(edit("{replicas: 2}").losesCaches()).isTrue();
  }

  /** The field differs, but not what the servers run. */
  @Test
  void valueThatServersRunWithRestartsNone() {
    Plan plan = edit("{replicas: 3, image: {flavor: CentOS7}}");
    assertThat(PlanText.of(plan))
        .contains(
            "no server restarts\n",
            "image.flavor from none to CentOS7\n    restarts no server: none runs, or they all run with it already");
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void restartBringsWhatIsPendingAlready() {
    image = NEW;
    Plan plan = edit("{replicas: 3, threads: 2}");
    assertThat(PlanText.of(plan))
        .contains(
            "as memcached creates its threads at the start (-t)\n",
            "image from %s to %s\n".formatted(OLD, NEW),
            "as memcached is another program; pending already\n",
            "When: immediately\n");
    assertThat(plan.losesCaches()).isTrue();
  }

  /** Else a pipeline would stop for what another edit has caused. */
  @Test
  void whatIsPendingAlreadyIsNoLossOfThisEdit() {
    current = "{replicas: 3, threads: 2, updates: {specChanges: OnApproval}}";
    Plan plan =
        edit("{replicas: 3, threads: 2, labels: {a: b}, updates: {specChanges: OnApproval}}");
    assertThat(PlanText.of(plan)).contains("3 of 3 servers restart", "(-t); pending already\n");
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void editThatTakesAPendingChangeBackRestartsNone() {
    current = "{replicas: 3, threads: 2, updates: {specChanges: OnApproval}}";
    Plan plan = edit(running);
    assertThat(PlanText.of(plan)).contains("no server restarts\n", "threads from 2 to 4\n");
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void approvalAndWindowsAreNamed() {
    String windows = "windows: [{days: [Sunday], start: '02:00', duration: 3h}]";
    assertThat(PlanText.of(edit("{replicas: 3, threads: 2, updates: {specChanges: OnApproval}}")))
        .contains(
            "When: after an approval by 'kubectl securememcached update cache --namespace shop'\n");
    assertThat(
            PlanText.of(
                edit(
                    "{replicas: 3, threads: 2, updates: {specChanges: OnApproval, %s}}"
                        .formatted(windows))))
        .contains("--namespace shop', and in the window that opens at 2026-11-29T02:00:00Z\n");
    assertThat(
            PlanText.of(
                edit(
                    "{replicas: 3, threads: 2, updates: {specChanges: InWindow, %s}}"
                        .formatted(windows))))
        .contains("When: in the window that opens at 2026-11-29T02:00:00Z\n");
  }

  /** What the operator changes is limited, other than what a user changes in one resource. */
  @Test
  void limitOfTheClusterIsNamed() {
    String limit =
        "In the whole cluster: for what the operator changes, at most 2 at a time and 20 a minute (chart values updates.maxConcurrent and updates.maxPerMinute)\n";
    assertThat(PlanText.of(edit("{replicas: 3, threads: 2}"))).doesNotContain("whole cluster");
    image = NEW;
    assertThat(PlanText.of(edit("{replicas: 3, updates: {operatorChanges: Immediately}}")))
        .contains("image from %s to %s\n".formatted(OLD, NEW), limit);
    assertThat(PlanText.of(edit("{replicas: 3, threads: 2}"))).doesNotContain("whole cluster");
  }

  @Test
  void vulnerabilityThatAnUpdateClosesIsNamed() {
    old = "memcached:1.6.18-debian12";
    image = "memcached:1.6.43-debian12";
    String closes = "as memcached is another program; closes ";
    assertThat(PlanText.of(edit(running))).doesNotContain(closes);
    status = reported("1.6.18");
    assertThat(PlanText.of(edit(running))).contains(closes);
    assertThat(edit(running).losesCaches()).as("pending already").isFalse();
    status = reported("1.6.43");
    assertThat(PlanText.of(edit(running))).as("the counter-example").doesNotContain(closes);
  }

  @Test
  void pauseIsNamed() {
    SecureMemcached paused = Fleet.resource("{replicas: 3, threads: 2}");
    assertThat(PlanText.of(edit(paused, servers()))).doesNotContain("Paused");
    paused.getMetadata().setAnnotations(Map.of(Pause.ANNOTATION, "true"));
    assertThat(PlanText.of(edit(paused, servers())))
        .endsWith(
            "  Paused: servers do not change until annotation securememcached.io/pause is removed\n");
  }

  private static SecureMemcachedStatus reported(String version) {
    return Serialization.unmarshal(
        "servers: [{name: cache-0, version: %1$s}, {name: cache-1, version: %1$s}, {name: cache-2, version: %1$s}]"
            .formatted(version),
        SecureMemcachedStatus.class);
  }

  @Test
  void serverThatDoesNotRunHasNoCacheToLose() {
    List<Pod> failing =
        servers().stream().map(pod -> Fleet.failing(pod, "ImagePullBackOff")).toList();
    Plan plan = edit("{replicas: 3, threads: 2}", failing);
    assertThat(PlanText.of(plan))
        .contains("cache-2, cache-1, cache-0: not running, so replaced at once");
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void newResourceIsCreated() {
    Plan plan = Plan.created(Fleet.resource("{replicas: 2, cacheSize: 32Mi}"), LIMIT, NOON);
    assertThat(PlanText.of(plan))
        .isEqualTo(
            """
            SecureMemcached shop/cache: is created
              Servers: cache-0, cache-1, each with an empty cache of 32Mi
            """);
    assertThat(plan.losesCaches()).isFalse();
  }

  @Test
  void valueOfAnotherUserIsPrintable() {
    assertThat(PlanText.of(edit("{replicas: 3, annotations: {note: \"a\\u001b[31mb\"}}")))
        .contains("annotations.note from none to a [31mb\n");
  }

  @Test
  void resizeAndLabelsRestartNone() {
    Plan plan = edit("{replicas: 3, pod: {labels: {a: b}}, resources: {requests: {cpu: 1}}}");
    assertThat(PlanText.of(plan))
        .contains(
            "no server restarts\n",
            "pod.labels.a from none to b\n    applies to running servers: a server restarts only if",
            "resources.requests.cpu from none to 1\n    resizes running servers: a server restarts only if");
    assertThat(plan.losesCaches()).isFalse();
  }

  /** The operator restarts servers for it, as a running server keeps the limit. */
  @Test
  void limitThatIsRemovedRestarts() {
    running = "{replicas: 3, resources: {limits: {cpu: 500m}}}";
    current = running;
    Plan plan = edit("{replicas: 3}");
    assertThat(PlanText.of(plan))
        .contains(
            "3 of 3 servers restart\n",
            "restarts cache-2, cache-1, cache-0, in this order, as the API server can't resize the running server\n")
        .doesNotContain("resizes running servers");
    assertThat(plan.losesCaches()).isTrue();
  }

  /** The pod template has a request without it, too. */
  @Test
  void requestThatIsRemovedRestartsNone() {
    running = "{replicas: 3, resources: {requests: {cpu: 75m, memory: 256Mi}}}";
    current = running;
    Plan plan = edit("{replicas: 3}");
    assertThat(PlanText.of(plan)).contains("no server restarts\n", "resizes running servers");
    assertThat(plan.losesCaches()).isFalse();
  }

  /** Kubernetes resizes CPU and memory only. */
  @Test
  void otherAmountThatChangesRestarts() {
    assertThat(edit("{replicas: 3, resources: {limits: {ephemeral-storage: 1Gi}}}").losesCaches())
        .isTrue();
    running = "{replicas: 3, resources: {limits: {ephemeral-storage: 1Gi}}}";
    current = running;
    assertThat(
            edit("{replicas: 3, resources: {limits: {ephemeral-storage: 1024Mi, cpu: 1}}}")
                .losesCaches())
        .as("the same amount")
        .isFalse();
    assertThat(edit("{replicas: 3, resources: {limits: {ephemeral-storage: 2Gi}}}").losesCaches())
        .isTrue();
  }

  private List<Pod> servers() {
    StatefulSet set = Fleet.set(Fleet.resource(running), old, 0);
    return IntStream.range(0, 3).mapToObj(number -> Fleet.server(set, number, NOON)).toList();
  }

  private Plan edit(String spec) {
    return edit(spec, servers());
  }

  private Plan edit(String spec, List<Pod> servers) {
    return edit(Fleet.resource(spec), servers);
  }

  private Plan edit(SecureMemcached edited, List<Pod> servers) {
    SecureMemcached before = Fleet.resource(current);
    before.setStatus(status);
    Settings settings =
        new Settings(
            "system",
            Map.of("app", "operator"),
            Map.of(Image.Flavor.CentOS7, image, Image.Flavor.Debian12, image));
    return Plan.changed(
        before, edited, settings, Optional.of(Fleet.set(before, image, 0)), servers, LIMIT, NOON);
  }
}
