package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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
 * examples/gitops/argo-cd/caches.yaml and health.yaml with Argo CD itself, on real servers. The
 * repository's address is all that differs from the example. The test asks for a refresh in place
 * of the webhook of a Git server.
 *
 * <p>Its name keeps it out of {@code mvn verify}, as the first build takes many minutes; {@code
 * -Dit.test=ArgoCdRun} runs it, and {@code -Dgitops.seconds=3600} goes on with rotations and
 * scaling for an hour.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ArgoCdRun {

  private static final Path EXAMPLES = Guarded.ROOT.resolve("examples/gitops/argo-cd");
  private static final String ADDRESS = "https://git.example.com/shop/caches.git";
  private static final String HEALTH =
      "resource.customizations.health.securememcached.io_SecureMemcached";

  private static final String CACHE =
      """
      apiVersion: securememcached.io/v1beta1
      kind: SecureMemcached
      metadata: {name: %s}
      spec:
        image: %s
        cacheSize: %s
        deletionPolicy: Retain
        users: [{name: web}]
        rotation: {overlap: 1m}
        sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]
      """;

  private static final String IMAGE = "{flavor: %s}".formatted(TestedFlavor.NAME);
  private static final String MISSING = "{reference: \"securememcached.invalid/no-such-image:1\"}";

  private final Installation installation;
  private final Sandbox sandbox;
  private final ArgoCd argoCd;
  private final ArgoCdApplication caches;
  private final GitFolder repository;
  private final Path application;

  private String revision = "";

  ArgoCdRun(Cluster cluster, Installation installation, @TempDir Path folder) throws IOException {
    this.installation = installation;
    repository = new GitFolder(folder.resolve("caches"));
    application = folder.resolve("application.yaml");
    sandbox = new Sandbox(cluster, installation, "shop");
    argoCd = new ArgoCd(cluster, installation, folder);
    caches = new ArgoCdApplication(argoCd);
  }

  @BeforeAll
  void start() throws IOException {
    // The example lets Argo CD create it.
    installation.kubectl("delete", "namespace", sandbox.namespace());
    argoCd.start(
        () ->
            argoCd.inNamespace(
                "patch",
                "configmap",
                "argocd-cm",
                "--patch-file=" + EXAMPLES.resolve("health.yaml")));
    caches.watch(sandbox.client());
    String example = Files.readString(EXAMPLES.resolve("caches.yaml"));
    assertThat(example).contains(ADDRESS);
    Files.writeString(application, example.replace(ADDRESS, repository.url()));
  }

  @AfterAll
  void stop() {
    caches.close();
    argoCd.close();
    sandbox.close();
  }

  private void write(String name, String image, String size) throws IOException {
    Files.writeString(file(name), CACHE.formatted(name, image, size));
  }

  private Path file(String name) throws IOException {
    return repository.file("production/" + name + ".yaml");
  }

  /** Commits, and tells Argo CD as a Git server's webhook does. */
  private void publish() {
    revision = repository.commit();
    caches.forget();
    caches.refresh();
  }

  private List<String> writtenByArgoCd(String name) {
    return sandbox.writesOf("argocd-controller", name);
  }

  @Test
  @Order(1)
  void syncEndsHealthyWhenEachCacheIsReady() throws IOException {
    assertThat(argoCd.inNamespace("get", "configmap/argocd-cm", "--output=yaml"))
        .as("the settings of the installation stay")
        .contains(HEALTH, "resource.exclusions");
    write("sessions", IMAGE, "16Mi");
    write("carts", IMAGE, "16Mi");
    revision = repository.commit();
    installation.kubectl("apply", "--filename", application.toString());
    caches.await("Synced Healthy", revision);
    assertThat(caches.seen()).containsSubsequence("Synced Progressing", "Synced Healthy");
    assertThat(caches.get().at("/status/operationState/phase").asText()).isEqualTo("Succeeded");
    for (String name : new String[] {"sessions", "carts"}) {
      sandbox.awaitReady(name);
      assertThat(writtenByArgoCd(name)).singleElement().asString().startsWith("Update ");
    }
  }

  @Test
  @Order(2)
  void rotationAndScalingAreNoDrift() {
    List<String> written = writtenByArgoCd("sessions");
    Instant end = Instant.now().plusSeconds(Long.getLong("gitops.seconds", 0));
    int rounds = 0;
    do {
      rounds++;
      caches.forget();
      // A rotation waits until the overlap of the last one is over.
      String user = sandbox.secret("sessions-credentials-web").get("username");
      sandbox.annotate("sessions", "securememcached.io/rotate=round-" + rounds);
      sandbox.awaitOtherLogin("sessions-credentials-web", user);
      int replicas = 1 + rounds % 2;
      installation.kubectl(
          "scale", "-n", sandbox.namespace(), "smc/sessions", "--replicas=" + replicas);
      sandbox.awaitReady("sessions");
      caches.refresh();
      caches.await("Synced Healthy", revision);
      assertThat(caches.seen()).isNotEmpty().allMatch(state -> state.startsWith("Synced "));
      assertThat(writtenByArgoCd("sessions")).isEqualTo(written);
      assertThat(sandbox.get("sessions").getSpec().replicas()).isEqualTo(replicas);
    } while (Instant.now().isBefore(end));
    System.out.println("  rotated, scaled and compared: " + rounds + " times");
  }

  /** The counter-example of the test before: this is drift, and Argo CD writes. */
  @Test
  @Order(3)
  void driftIsCorrected() {
    caches.forget();
    edit("{\"spec\":{\"cacheSize\":\"32Mi\"}}");
    Sandbox.eventually(
        "drift and its end",
        () -> {
          assertThat(caches.seen()).anyMatch(state -> state.startsWith("OutOfSync"));
          assertThat(sandbox.get("sessions").getSpec().cacheSize().toString()).contains("16Mi");
        });
    caches.await("Synced Healthy", revision);
  }

  private void edit(String patch) {
    installation.kubectl(
        "patch", "-n", sandbox.namespace(), "smc/sessions", "--type=merge", "--patch=" + patch);
  }

  /** With server-side apply, the counter-example, an item of another field manager stays. */
  @Test
  @Order(4)
  void zoneThatOnlyTheClusterHasIsRemoved() {
    int replicas = sandbox.get("sessions").getSpec().replicas();
    addZone();
    Sandbox.eventually("the end of the zone", () -> assertThat(zones()).containsExactly("web"));
    assertThat(sandbox.get("sessions").getSpec().replicas()).isEqualTo(replicas);
    caches.patch(
        "{\"spec\":{\"syncPolicy\":{\"syncOptions\":[\"CreateNamespace=true\",\"ServerSideApply=true\"]}}}");
    caches.refresh();
    addZone();
    caches.refresh();
    caches.await("Synced Healthy", revision);
    assertThat(zones()).containsExactlyInAnyOrder("web", "all");
    installation.kubectl("apply", "--filename", application.toString());
    caches.refresh();
    Sandbox.eventually("the end of the zone", () -> assertThat(zones()).containsExactly("web"));
    caches.await("Synced Healthy", revision);
  }

  private void addZone() {
    installation.kubectl(
        "patch",
        "-n",
        sandbox.namespace(),
        "smc/sessions",
        "--type=json",
        "--patch=[{\"op\":\"add\",\"path\":\"/spec/sourceZones/-\",\"value\":{\"name\":\"all\",\"sources\":[{\"cidr\":\"10.0.0.0/8\"}]}}]");
  }

  private List<String> zones() {
    return sandbox.get("sessions").getSpec().sourceZones().stream()
        .map(zone -> zone.name())
        .toList();
  }

  @Test
  @Order(5)
  void changeInTheRepositoryArrives() throws IOException {
    write("sessions", IMAGE, "24Mi");
    publish();
    caches.await("Synced Healthy", revision);
    assertThat(caches.seen()).containsSubsequence("Synced Progressing", "Synced Healthy");
    assertThat(sandbox.get("sessions").getSpec().cacheSize().toString()).contains("24Mi");
  }

  @Test
  @Order(6)
  void cacheThatFailsIsDegraded() throws IOException {
    write("broken", MISSING, "16Mi");
    publish();
    caches.await("Synced Degraded", revision);
  }

  /** The counter-example: without its health check Argo CD sees nothing of that. */
  @Test
  @Order(7)
  void withoutTheHealthCheckTheSameCacheIsHealthy() {
    argoCd.inNamespace(
        "patch",
        "configmap/argocd-cm",
        "--type=json",
        "--patch=[{\"op\":\"remove\",\"path\":\"/data/%s\"}]".formatted(HEALTH));
    caches.awaitRefreshed("Synced Healthy");
    argoCd.inNamespace(
        "patch", "configmap", "argocd-cm", "--patch-file=" + EXAMPLES.resolve("health.yaml"));
    caches.awaitRefreshed("Synced Degraded");
  }

  @Test
  @Order(8)
  void cacheThatLeavesTheRepositoryStaysUntilPruneIsOn() throws IOException {
    Files.delete(file("broken"));
    Files.delete(file("carts"));
    publish();
    Sandbox.eventually(
        "no prune", () -> assertThat(caches.seen()).last().asString().startsWith("OutOfSync"));
    caches.refresh();
    assertThat(sandbox.get("carts").getMetadata().getDeletionTimestamp()).isNull();

    caches.patch("{\"spec\":{\"syncPolicy\":{\"automated\":{\"prune\":true}}}}");
    caches.refresh();
    caches.await("Synced Healthy", revision);
    Sandbox.eventually("the end of carts", () -> assertThat(sandbox.get("carts")).isNull());
    assertThat(sandbox.get("sessions")).isNotNull();
    caches.refresh();
    assertThat(sandbox.secret("carts-credentials-web")).as("deletionPolicy: Retain").isNotEmpty();
  }

  @Test
  @Order(9)
  void invalidCacheIsReported() throws IOException {
    write("wrong", IMAGE, "many");
    publish();
    Sandbox.eventually(
        "an error",
        () ->
            assertThat(caches.get().at("/status/operationState/message").asText())
                .contains("cacheSize"));
    assertThat(ArgoCdApplication.state(caches.get())).startsWith("OutOfSync");
    assertThat(sandbox.get("sessions").getMetadata().getDeletionTimestamp()).isNull();
  }
}
