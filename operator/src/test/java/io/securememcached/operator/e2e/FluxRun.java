package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * examples/gitops/flux/caches.yaml with Flux' own kustomize-controller, on real servers. The test
 * stands for source-controller: it serves the folder of a repository.
 *
 * <p>Its name keeps it out of {@code mvn verify}, as the first build takes many minutes; {@code
 * -Dit.test=FluxRun} runs it.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FluxRun {

  private static final Duration BUILD = Duration.ofMinutes(40);
  private static final String FLUX = "flux-system";
  private static final Path EXAMPLE = Guarded.ROOT.resolve("examples/gitops/flux/caches.yaml");

  private static final String CACHE =
      """
      apiVersion: securememcached.io/v1beta1
      kind: SecureMemcached
      metadata: {name: %s, namespace: %s}
      spec:
        image: %s
        cacheSize: 16Mi
        users: [{name: web}]
        sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]
      """;

  private static final String IMAGE = "{flavor: %s}".formatted(TestedFlavor.NAME);

  private final Cluster cluster;
  private final Installation installation;
  private final Sandbox sandbox;
  private final Path crds;
  private final Path repository;
  private ServedFolder served;
  private Process controller;

  FluxRun(Cluster cluster, Installation installation, @TempDir Path folder) throws IOException {
    this.cluster = cluster;
    this.installation = installation;
    repository = Files.createDirectories(folder.resolve("repository/production"));
    Path built = Path.of(Shell.run(Guarded.ROOT, Map.of(), BUILD, "scripts/flux"));
    crds = built.resolve("crds");
    served = new ServedFolder(folder);
    sandbox = new Sandbox(cluster, installation, "e2e-flux");
    installation.kubectl("apply", "--server-side", "--filename", crds.toString());
    installation.kubectl("create", "namespace", FLUX);
    controller = start(built.resolve("kustomize-controller"));
  }

  private Process start(Path program) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            program.toString(),
            "--events-addr=",
            "--metrics-addr=0",
            "--health-addr=127.0.0.1:0",
            "--enable-leader-election=false",
            "--watch-all-namespaces",
            "--log-level=info");
    builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
    builder.environment().put("RUNTIME_NAMESPACE", FLUX);
    Path log = Guarded.ROOT.resolve("operator/target/failsafe-reports/kustomize-controller.log");
    Files.createDirectories(log.getParent());
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  @BeforeAll
  void sync() throws IOException {
    write("sessions", IMAGE);
    write("carts", IMAGE);
    installation.kubectl("apply", "--filename", EXAMPLE.toString());
    publish();
    awaitApplied();
  }

  @AfterAll
  void stop() throws IOException, InterruptedException {
    // Its finalizer is the controller's.
    installation.kubectl("delete", "-n", FLUX, "kustomization/caches", "gitrepository/caches");
    controller.destroy();
    controller.waitFor();
    served.close();
    installation.kubectl("delete", "namespace", FLUX);
    installation.kubectl("delete", "--filename", crds.toString());
    sandbox.close();
  }

  private void write(String name, String image) throws IOException {
    Files.writeString(
        repository.resolve(name + ".yaml"), CACHE.formatted(name, sandbox.namespace(), image));
  }

  /** What source-controller does with a new commit. */
  private void publish() throws IOException {
    String artifact = served.pack(repository.getParent(), "caches");
    installation.kubectl(
        "patch",
        "-n",
        FLUX,
        "gitrepository/caches",
        "--subresource=status",
        "--type=merge",
        "--patch={\"status\":{\"observedGeneration\":1,\"artifact\":%s,\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"Succeeded\",\"message\":\"stored\",\"lastTransitionTime\":\"%s\"}]}}"
            .formatted(artifact, Instant.now()));
  }

  private JsonNode kustomization() {
    return Serialization.unmarshal(
        installation.kubectl("get", "-n", FLUX, "kustomization/caches", "-o", "json"),
        JsonNode.class);
  }

  private static String ready(JsonNode kustomization) {
    return kustomization
        .at("/status/conditions")
        .valueStream()
        .filter(condition -> condition.at("/type").asText().equals("Ready"))
        .map(condition -> condition.at("/status").asText() + " " + condition.at("/reason").asText())
        .findFirst()
        .orElse("");
  }

  private void awaitApplied() {
    Sandbox.eventually(
        "the Kustomization",
        () -> {
          JsonNode seen = kustomization();
          assertThat(seen.at("/status/lastAppliedRevision").asText())
              .as(seen.at("/status").toPrettyString())
              .isEqualTo(served.revision());
          assertThat(ready(seen)).isEqualTo("True ReconciliationSucceeded");
        });
  }

  /** Lets Flux compare again without a new commit, and waits until it has. */
  private void reconcile() {
    String request = Instant.now().toString();
    installation.kubectl(
        "annotate",
        "--overwrite",
        "-n",
        FLUX,
        "kustomization/caches",
        "reconcile.fluxcd.io/requestedAt=" + request);
    Sandbox.eventually(
        "a reconciliation",
        () -> {
          JsonNode seen = kustomization();
          assertThat(seen.at("/status/lastHandledReconcileAt").asText()).isEqualTo(request);
          assertThat(ready(seen)).isEqualTo("True ReconciliationSucceeded");
        });
  }

  private long generation(String name) {
    return sandbox.get(name).getMetadata().getGeneration();
  }

  private List<String> writtenByFlux(String name) {
    return sandbox.writesOf("kustomize-controller", name);
  }

  @Test
  @Order(1)
  void syncWaitsUntilEachCacheIsReady() {
    for (String name : new String[] {"sessions", "carts"}) {
      sandbox.awaitReady(name);
    }
    assertThat(kustomization().at("/status/inventory/entries").findValuesAsText("id"))
        .contains(sandbox.namespace() + "_sessions_securememcached.io_SecureMemcached");
  }

  @Test
  @Order(2)
  void rotationAndScalingAreNoDrift() {
    List<String> written = writtenByFlux("sessions");
    assertThat(written).singleElement().asString().startsWith("Apply ");
    String user = sandbox.secret("sessions-credentials-web").get("username");
    // Flux removes what "kubectl" has set.
    installation.kubectl(
        "annotate",
        "--field-manager=person",
        "-n",
        sandbox.namespace(),
        "smc/sessions",
        "securememcached.io/rotate=now");
    sandbox.awaitOtherLogin("sessions-credentials-web", user);
    installation.kubectl("scale", "-n", sandbox.namespace(), "smc/sessions", "--replicas=2");
    sandbox.awaitReady("sessions");
    long generation = generation("sessions");
    for (int i = 0; i < 3; i++) {
      reconcile();
    }
    assertThat(generation("sessions")).isEqualTo(generation);
    assertThat(writtenByFlux("sessions")).isEqualTo(written);
    assertThat(sandbox.get("sessions").getSpec().replicas()).isEqualTo(2);
    assertThat(sandbox.get("sessions").getMetadata().getAnnotations())
        .containsKey("securememcached.io/rotate");
    installation.kubectl(
        "annotate", "-n", sandbox.namespace(), "smc/sessions", "securememcached.io/note=x");
    reconcile();
    assertThat(sandbox.get("sessions").getMetadata().getAnnotations())
        .doesNotContainKey("securememcached.io/note");
  }

  /** The counter-example of the test before: this is drift, and Flux writes. */
  @Test
  @Order(3)
  void driftIsCorrected() {
    long generation = generation("sessions");
    installation.kubectl(
        "patch",
        "-n",
        sandbox.namespace(),
        "smc/sessions",
        "--type=merge",
        "--patch={\"spec\":{\"sourceZones\":[{\"name\":\"all\",\"sources\":[{\"cidr\":\"10.0.0.0/8\"}]}]}}");
    reconcile();
    assertThat(generation("sessions")).isEqualTo(generation + 2);
    assertThat(sandbox.get("sessions").getSpec().sourceZones().getFirst().name()).isEqualTo("web");
  }

  @Test
  @Order(4)
  void cacheThatFailsEndsTheSyncAtOnce() throws IOException {
    write("broken", "{reference: \"securememcached.invalid/no-such-image:1\"}");
    publish();
    Figure figure = Figure.of("Flux reported a cache that fails");
    Sandbox.eventually(
        "a failed health check",
        () -> assertThat(ready(kustomization())).isEqualTo("False HealthCheckFailed"));
    // Its time-out is 5 minutes.
    assertThat(figure.done()).isLessThan(Duration.ofMinutes(2));
    Files.delete(repository.resolve("broken.yaml"));
    publish();
    awaitApplied();
  }

  @Test
  @Order(5)
  void cacheThatLeavesTheRepositoryStaysUntilPruneIsOn() throws IOException {
    Files.delete(repository.resolve("carts.yaml"));
    publish();
    awaitApplied();
    SecureMemcached carts = sandbox.get("carts");
    assertThat(carts).isNotNull();
    assertThat(carts.getMetadata().getDeletionTimestamp()).isNull();

    write("carts", IMAGE);
    publish();
    awaitApplied();
    installation.kubectl(
        "patch",
        "-n",
        FLUX,
        "kustomization/caches",
        "--type=merge",
        "--patch={\"spec\":{\"prune\":true}}");
    reconcile();
    Files.delete(repository.resolve("carts.yaml"));
    publish();
    awaitApplied();
    Sandbox.eventually("the end of carts", () -> assertThat(sandbox.get("carts")).isNull());
    assertThat(sandbox.get("sessions")).isNotNull();
  }
}
