package io.securememcached.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code update} and {@code plan} of kubectl's plugin, by the real kubectl on a real API server. No
 * kubelet runs, so {@code kubectl exec} is played: it keeps its input, which the test gives to the
 * command that the operator's pod would run.
 */
@WithApiServer
class PluginIT {

  private static final String KUBECTL =
      """
      #!/bin/bash
      real=$(PATH=${PATH#*:} command -v kubectl)
      case " $* " in
        *" get deployments "*) echo "system operator" ;;
        *" exec "*) cat >"$PLANNED" && exit 10 ;;
        *) exec "$real" ${AS:+--as="$AS"} "$@" ;;
      esac
      """;

  /** Flux' field manager. */
  private static final String FLUX = "kustomize-controller";

  private final ApiServer server;
  private final Scene scene;

  private final Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);

  @TempDir Path folder;

  PluginIT(ApiServer server) {
    this.server = server;
    scene = Scene.operated(server);
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void approvesThePendingUpdate() throws IOException {
    scene.createAndSettle("cache", "{replicas: 2, cacheSize: 32Mi}");
    servers();
    // Closed, whatever day it is.
    String day =
        LocalDate.now(ZoneOffset.UTC)
            .plusDays(2)
            .getDayOfWeek()
            .getDisplayName(TextStyle.FULL, Locale.ENGLISH);
    scene.edit(
        "cache",
        "{replicas: 2, cacheSize: 128Mi, updates: {specChanges: OnApproval, pause: 2m, windows: [{days: [%s], start: '02:00', duration: 3h}]}}"
            .formatted(day));
    scene.condition("cache", "UpToDate", "ApprovalNeeded");
    String id = scene.resource("cache").get().getStatus().updateId();

    ApiServer.Output output = plugin("", "update cache --yes -n " + scene.namespace);
    assertThat(output.text())
        .contains(
            "SecureMemcached %s/cache: update %s waits for an approval\n"
                .formatted(scene.namespace, id),
            "  cacheSize from 32Mi to 128Mi\n    from a change of the spec\n    restarts cache-1, cache-0, in this order, as memcached takes the size at the start (-m)\n",
            "each of these servers loses its cache of",
            "One server at a time, 2m after the last one was ready",
            "    " + day + " at 02:00 for 3h (UTC)\n",
            "%s/cache: approved update %s\n".formatted(scene.namespace, id));
    assertThat(output.code()).isZero();
    assertThat(scene.resource("cache").get().getMetadata().getAnnotations())
        .containsEntry("securememcached.io/approve-update", id);
    scene.condition("cache", "UpToDate", "WaitingForWindow");

    ApiServer.Output again = plugin("", "update cache --yes -n " + scene.namespace);
    assertThat(again.text()).contains("nothing to approve", "The next window");
    assertThat(again.code()).isEqualTo(3);
  }

  @Test
  void approvesAllThatWaitAndNeedsItsUsersRights() throws IOException {
    scene.createAndSettle("cache", "{replicas: 1}");
    scene.createAndSettle("other", "{replicas: 0}");
    servers();
    scene.edit("cache", "{threads: 2, updates: {specChanges: OnApproval}}");
    scene.condition("cache", "UpToDate", "ApprovalNeeded");

    ApiServer.Output eve = plugin("AS=eve", "update cache --yes -n " + scene.namespace);
    assertThat(eve.text()).contains("Forbidden", "eve", "could not read cache, see above");
    assertThat(eve.code()).isEqualTo(2);

    ApiServer.Output output = plugin("", "update --all --yes -n " + scene.namespace);
    assertThat(output.text()).contains("threads from 4 to 2", "/cache: approved update ");
    assertThat(output.text()).doesNotContain("other");
    assertThat(output.code()).isZero();
  }

  @Test
  void unknownResourceIsNamed() throws IOException {
    ApiServer.Output output = plugin("", "update none --yes -n " + scene.namespace);
    assertThat(output.text()).contains("\"none\" not found", "list all with 'kubectl get smc -A'");
    assertThat(output.code()).isEqualTo(2);
  }

  @Test
  void apiServerRefusesInADryRun() throws IOException {
    ApiServer.Output output =
        plan(
            """
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: wrong}
            spec: {port: 80}
            ---
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: typo}
            spec: {cachSize: 64Mi}
            """);
    assertThat(output.text())
        .contains(
            "SecureMemcached %s/wrong: refused by the API server".formatted(scene.namespace),
            "should be greater than or equal to 1024",
            "SecureMemcached %s/typo: refused by the API server".formatted(scene.namespace),
            "unknown field \"spec.cachSize\"");
    assertThat(output.code()).isEqualTo(1);
    assertThat(scene.resource("wrong").get()).isNull();
  }

  @Test
  void plansWhatTheOperatorThenDoes() throws IOException {
    kubectl(cache("{replicas: 2}"), "create");
    scene.settled("cache");
    servers();
    ApiServer.Output output =
        plan(
            """
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: cache}
            spec:
              replicas: 2
              cacheSize: 128Mi
              sourceZones: [{name: web, sources: [{cidr: 10.0.4.7/32}]}]
              updates: {specChanges: OnApproval}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: other}
            ---
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: second}
            """);
    assertThat(output.code()).as(output.text()).isZero();
    assertThat(scene.resource("cache").get().getSpec().cacheSize()).isEqualTo("64Mi");
    Run run = run(Files.readString(folder.resolve("planned")));
    assertThat(run.text())
        .contains(
            "SecureMemcached %s/cache: 2 of 2 servers restart\n".formatted(scene.namespace),
            "cacheSize from 64Mi to 128Mi\n    restarts cache-1, cache-0, in this order",
            "sourceZones from none to [",
            "    applies to running servers: it is no part of the pods\n",
            "When: after an approval by 'kubectl securememcached update cache",
            "SecureMemcached %s/second: is created\n".formatted(scene.namespace));
    assertThat(run.code()).as(run.text()).isEqualTo(PlanCommand.LOSES_CACHES);

    scene.edit("cache", "{replicas: 2, cacheSize: 128Mi, updates: {specChanges: OnApproval}}");
    scene.condition("cache", "UpToDate", "ApprovalNeeded");
    assertThat(scene.resource("cache").get().getStatus().pendingUpdates())
        .singleElement()
        .satisfies(update -> assertThat(update.servers()).containsExactly("cache-1", "cache-0"));
  }

  /** A field that leaves the file is removed by the manager that has applied it, and no other. */
  @Test
  void plansARemovedFieldAsItsFieldManagerAppliesIt() throws IOException {
    applyAsFlux(cache("{replicas: 2, threads: 2}"));
    scene.settled("cache");
    servers();
    String without = cache("{replicas: 2}");

    ApiServer.Output refused = plan(without);
    assertThat(refused.text())
        .contains(
            "%s/cache is managed by kustomize-controller; add --field-manager kustomize-controller, or"
                .formatted(scene.namespace));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(folder.resolve("planned")).doesNotExist();

    ApiServer.Output output = plan(without, "--field-manager", FLUX);
    assertThat(output.text()).isEmpty();
    assertThat(output.code()).isZero();
    assertRestartsForThreads("2", "4");

    applyAsFlux(without);
    assertThat(scene.resource("cache").get().getSpec().threads()).isEqualTo(4);
  }

  /** The counter-examples: both applies of kubectl itself keep the field. */
  @Test
  void kubectlsOwnApplyKeepsAFieldOfAnotherManager() throws IOException {
    applyAsFlux(cache("{replicas: 2, threads: 2}"));
    scene.settled("cache");
    servers();
    String without = cache("{replicas: 2}");

    assertThat(plan(without, "--server-side=false").text())
        .contains("Warning: ", "is missing the kubectl.kubernetes.io/last-applied-configuration");
    assertRestartsNothing();
    assertThat(plan(without, "--server-side").text())
        .contains(
            "Warning: kubectl has not applied %s/cache server-side".formatted(scene.namespace),
            "the spec is managed by kustomize-controller");
    assertRestartsNothing();
  }

  @Test
  void changedFieldIsNoConflictOfItsFieldManager() throws IOException {
    applyAsFlux(cache("{replicas: 2, threads: 2}"));
    scene.settled("cache");
    servers();
    String changed = cache("{replicas: 2, threads: 3}");

    ApiServer.Output conflict = plan(changed, "--server-side");
    assertThat(conflict.text()).contains("conflict with \"kustomize-controller\": .spec.threads");
    assertThat(conflict.code()).isEqualTo(1);

    ApiServer.Output output = plan(changed, "--field-manager", FLUX);
    assertThat(output.text()).isEmpty();
    assertThat(output.code()).isZero();
    assertRestartsForThreads("2", "3");
  }

  @Test
  void appliedByKubectlNeedsNoOption() throws IOException {
    kubectl(cache("{replicas: 2, threads: 2}"), "apply");
    scene.settled("cache");
    servers();

    ApiServer.Output output = plan(cache("{replicas: 2}"));
    assertThat(output.text()).isEmpty();
    assertThat(output.code()).isZero();
    assertRestartsForThreads("2", "4");
  }

  /** An autoscaler applies no file: its entry is that of a subresource. */
  @Test
  void createdByKubectlAndScaledNeedsNoOption() throws IOException {
    kubectl(cache("{replicas: 2, threads: 2}"), "create");
    kubectl(
        "",
        "patch",
        "securememcacheds.securememcached.io/cache",
        "--subresource=scale",
        "--field-manager=kube-controller-manager",
        "--type=merge",
        "--patch={\"spec\":{\"replicas\":1}}");
    scene.settled("cache");
    servers();

    ApiServer.Output output = plan(cache("{threads: 3}"));
    assertThat(output.text())
        .contains("is missing the kubectl.kubernetes.io/last-applied-configuration");
    assertThat(output.code()).isZero();
    assertRestartsForThreads("2", "3");
  }

  @Test
  void operatorRefusesWhatItWouldNotApply() {
    environment.put("ALLOWED_IMAGE_REFERENCES", "registry.example/");
    Run run = run(edited("{image: {reference: 'elsewhere.example/memcached:1'}}"));
    assertThat(run.text())
        .contains(
            "/cache: refused by the operator\n",
            "spec.image.reference elsewhere.example/memcached:1 is not allowed");
    assertThat(run.code()).isEqualTo(PlanCommand.REFUSED);
    assertThat(run(edited("{image: {reference: 'registry.example/memcached:1'}}")).code())
        .isEqualTo(PlanCommand.KEEPS_CACHES);
  }

  @Test
  void valueOfALaterVersionIsRefused() {
    Run run = run(edited("{listen: HostPort}"));
    assertThat(run.text()).contains("does not support spec.listen: 'HostPort'");
    assertThat(run.code()).isEqualTo(PlanCommand.REFUSED);
  }

  @Test
  void namespaceOfAnotherOperatorIsNotPlanned() {
    environment.put("WATCH_NAMESPACES", "shop");
    Run run = run(edited("{}"));
    assertThat(run.text()).contains("This operator does not watch namespace " + scene.namespace);
    assertThat(run.code()).isEqualTo(PlanCommand.NOT_PLANNED);
  }

  @Test
  void inputThatIsNoResourceIsNotPlanned() {
    assertThat(run("no json").code()).isEqualTo(PlanCommand.NOT_PLANNED);
    assertThat(run("{}").code()).isEqualTo(PlanCommand.NOT_PLANNED);
  }

  private void assertRestartsForThreads(String from, String to) throws IOException {
    Run run = run(Files.readString(folder.resolve("planned")));
    assertThat(run.text()).contains("threads from %s to %s\n    restarts ".formatted(from, to));
    assertThat(run.code()).as(run.text()).isEqualTo(PlanCommand.LOSES_CACHES);
  }

  private void assertRestartsNothing() throws IOException {
    Run run = run(Files.readString(folder.resolve("planned")));
    assertThat(run.code()).as(run.text()).isEqualTo(PlanCommand.KEEPS_CACHES);
  }

  private static String cache(String spec) {
    return """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata: {name: cache}
        spec: %s
        """
        .formatted(spec);
  }

  private void applyAsFlux(String yaml) throws IOException {
    kubectl(yaml, "apply", "--server-side", "--force-conflicts", "--field-manager=" + FLUX);
  }

  /** With a file on standard input, if there is one. */
  private void kubectl(String yaml, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--namespace=" + scene.namespace);
    if (!yaml.isEmpty()) {
      all.add("--filename=-");
    }
    ApiServer.Output output = server.kubectl(yaml, all.toArray(String[]::new));
    assertThat(output.code()).as(output.text()).isZero();
  }

  private String edited(String spec) {
    return Serialization.asJson(
        Serialization.unmarshal(
            """
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: cache, namespace: %s}
            spec: %s
            """
                .formatted(scene.namespace, spec),
            Map.class));
  }

  private record Run(int code, String text) {}

  /** What runs in the operator's pod. */
  private Run run(String input) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream text = new PrintStream(output, true, StandardCharsets.UTF_8);
    int code =
        new PlanCommand(
                environment, () -> ApiClient.of(server.config()), Clock.systemUTC(), text, text)
            .run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    return new Run(code, output.toString(StandardCharsets.UTF_8));
  }

  private ApiServer.Output plan(String yaml, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("cache.yaml"), yaml);
    Files.deleteIfExists(folder.resolve("planned"));
    return plugin(
        "", "plan -f %s -n %s %s".formatted(file, scene.namespace, String.join(" ", options)));
  }

  private ApiServer.Output plugin(String environment, String arguments) throws IOException {
    Path kubectl = Files.writeString(folder.resolve("kubectl"), KUBECTL);
    assertThat(kubectl.toFile().setExecutable(true)).isTrue();
    return server.shell(
        "%s PLANNED=%s PATH=%s:$PATH plugin/kubectl-securememcached %s"
            .formatted(environment, folder.resolve("planned"), folder, arguments));
  }

  /** As the StatefulSet controller creates them, and the kubelet starts them. */
  private void servers() {
    for (int i = 0; i < scene.resource("cache").get().getSpec().replicas(); i++) {
      String address = "127.99.0." + (i + 1);
      scene
          .client
          .resource(scene.client.resource(ServedPod.ofSet(scene, "cache-" + i)).create())
          .editStatus(pod -> ServedPod.runningAt(pod, address));
    }
  }
}
