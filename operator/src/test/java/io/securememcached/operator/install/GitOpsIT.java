package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a tool sees that compares its repository with the cluster by server-side apply, as Argo CD
 * with {@code ServerSideApply=true} and Flux do: nothing that the operator does is a difference.
 *
 * <p>{@code -Dgitops.seconds=3600} goes on with rotations and scaling for an hour.
 */
@WithApiServer
class GitOpsIT {

  /** Without spec.replicas, as an autoscaler has it. */
  private static final String MANIFEST =
      """
      apiVersion: securememcached.io/v1beta1
      kind: SecureMemcached
      metadata: {name: sessions, labels: {team: shop}}
      spec:
        cacheSize: 64Mi
        users: [{name: web}]
        rotation: {overlap: 1m}
        sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]
      """;

  /** Other tests have kinds of the same name in other groups. */
  private static final String RESOURCE = "securememcacheds.securememcached.io/sessions";

  private static final Duration OVERLAP = Duration.ofMinutes(1);

  private static final String TOOL = "argocd-controller";

  private final ApiServer server;
  private Scene scene;

  GitOpsIT(ApiServer server) {
    this.server = server;
  }

  @BeforeEach
  void sync() throws IOException {
    scene = Scene.operated(server);
    apply();
    scene.settled("sessions");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void rotationAndScalingAreNoDifference() throws IOException {
    JsonNode spec = without("replicas", spec());
    Instant end = Instant.now().plusSeconds(Long.getLong("gitops.seconds", 0));
    int rounds = 0;
    do {
      rounds++;
      // A rotation waits until the overlap of the last one is over.
      String login = login();
      scene.annotate("sessions", "securememcached.io/rotate", "round-" + rounds);
      await()
          .atMost(OVERLAP.multipliedBy(2))
          .untilAsserted(() -> assertThat(login()).isNotEqualTo(login));
      scene.settled("sessions");
      assertThat(without("replicas", spec())).isEqualTo(spec);
      assertInSync();

      int replicas = 1 + rounds % 3;
      kubectl("", "scale", RESOURCE, "--replicas=" + replicas);
      scene.settled("sessions");
      assertInSync();
      assertThat(spec().at("/replicas").asInt()).isEqualTo(replicas);
    } while (Instant.now().isBefore(end));
    System.out.println("  rotated, scaled and compared: " + rounds + " times");
  }

  @Test
  void operatorOwnsNothingButTheStatus() throws IOException {
    JsonNode seen =
        Yaml.documents(
                server
                    .kubectl(
                        "",
                        "get",
                        RESOURCE,
                        "--namespace=" + scene.namespace,
                        "--output=json",
                        "--show-managed-fields")
                    .text())
            .getFirst();
    assertThat(seen.at("/metadata/managedFields"))
        .extracting(
            entry -> entry.at("/manager").asText(),
            entry -> entry.at("/subresource").asText(),
            entry -> Yaml.names(entry.at("/fieldsV1")))
        .containsExactlyInAnyOrder(
            tuple(TOOL, "", List.of("f:metadata", "f:spec")),
            tuple("securememcached-operator", "status", List.of("f:status")));
  }

  /** The counter-example: what a person edits is a difference, and the next sync corrects it. */
  @Test
  void driftIsSeenAndCorrected() throws IOException {
    kubectl("", "patch", RESOURCE, "--type=merge", "--patch={\"spec\":{\"cacheSize\":\"32Mi\"}}");
    ApiServer.Output difference = difference();
    assertThat(difference.code()).isEqualTo(1);
    assertThat(difference.text()).contains("-  cacheSize: 32Mi", "+  cacheSize: 64Mi");
    apply();
    assertInSync();
    assertThat(spec().at("/cacheSize").asText()).isEqualTo("64Mi");
  }

  /** A field that leaves the repository leaves the spec, and its default applies. */
  @Test
  void removedFieldIsPruned() throws IOException {
    kubectl(MANIFEST.replace("users: [{name: web}]", "maxConnections: 900"), apply("-"));
    assertThat(spec().has("users")).isFalse();
    apply();
    assertThat(spec().at("/maxConnections").asInt()).isEqualTo(1024);
    assertInSync();
  }

  private void assertInSync() throws IOException {
    // kubectl reads twice: a status that is written meanwhile is a difference, too.
    scene.idle();
    assertThat(difference().text()).isEmpty();
    String before = scene.resource("sessions").get().getMetadata().getResourceVersion();
    apply();
    assertThat(scene.resource("sessions").get().getMetadata().getResourceVersion())
        .as("a sync that changes nothing writes nothing")
        .isEqualTo(before);
  }

  private void apply() throws IOException {
    kubectl(MANIFEST, apply("-"));
  }

  private static String[] apply(String file) {
    return new String[] {
      "apply", "--server-side", "--force-conflicts", "--field-manager=" + TOOL, "-f", file
    };
  }

  private ApiServer.Output difference() throws IOException {
    return server.kubectl(
        MANIFEST,
        "diff",
        "--server-side",
        "--force-conflicts",
        "--field-manager=" + TOOL,
        "--namespace=" + scene.namespace,
        "-f",
        "-");
  }

  private void kubectl(String input, String... arguments) throws IOException {
    String[] all = new String[arguments.length + 1];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--namespace=" + scene.namespace;
    ApiServer.Output output = server.kubectl(input, all);
    assertThat(output.code()).as(output.text()).isZero();
  }

  private static JsonNode without(String field, JsonNode object) {
    ObjectNode rest = object.deepCopy();
    rest.remove(field);
    return rest;
  }

  private JsonNode spec() {
    GenericKubernetesResource seen =
        server
            .client()
            .genericKubernetesResources("securememcached.io/v1beta1", "SecureMemcached")
            .inNamespace(scene.namespace)
            .withName("sessions")
            .get();
    return Serialization.unmarshal(Serialization.asJson(seen.get("spec")), JsonNode.class);
  }

  private String login() {
    return scene
        .client
        .secrets()
        .inNamespace(scene.namespace)
        .withName("sessions-credentials-web")
        .get()
        .getData()
        .get("username");
  }
}
