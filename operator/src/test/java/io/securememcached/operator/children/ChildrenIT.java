package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Golden;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The children as a real API server stores them, and that a pass without a change writes none. */
@WithApiServer
class ChildrenIT {

  /** Where the API server stores another text than was sent: 1536Mi for 1.5Gi, 1 for 1000m. */
  private static final String OTHER_SPELLINGS =
      """
      resources:
        requests: {cpu: 1000m, memory: 0.5Gi}
        limits: {cpu: "1.5", memory: 1.5Gi}
      """;

  @Test
  void examplesAreAsGolden(ApiServer server) throws IOException {
    try (Scene scene = Scene.quiet(server, Golden.NAMESPACE)) {
      for (String name : Golden.examples()) {
        SecureMemcached created = scene.client.resource(Golden.example(name)).create();
        writeMadeUpPasswords(scene, created);
      }
      scene.startOperator();
      for (String name : Golden.examples()) {
        scene.settled(name);
        List<HasMetadata> desired = Golden.desired(Golden.example(name));
        assertThat(Golden.render(desired.stream().map(child -> live(scene, child)).toList()))
            .isEqualTo(Files.readString(Guarded.ROOT.resolve(Golden.file(name))));
      }
      assertThat(scene.objects().map(ChildrenIT::id))
          .as("no object but these")
          .containsExactlyInAnyOrderElementsOf(
              Golden.examples().stream()
                  .flatMap(name -> Golden.desired(Golden.example(name)).stream())
                  .map(ChildrenIT::id)
                  .toList());
    }
  }

  @TestFactory
  Stream<DynamicTest> passesWithoutChangeWriteNothing(ApiServer server) {
    return Stream.of(
            Map.entry("all defaults", "{}"),
            Map.entry("other spellings", OTHER_SPELLINGS),
            Map.entry(
                "as numbers", "{resources: {requests: {cpu: 1}, limits: {memory: 268435456}}}"),
            Map.entry("with an exponent", "{resources: {limits: {cpu: 2e0, memory: \"1e9\"}}}"),
            Map.entry(
                "with empty blocks", "{scheduling: {affinity: {}, nodeSelector: {}}, users: []}"),
            Map.entry(
                "with empty lists within blocks",
                "{scheduling: {affinity: {nodeAffinity: {}, podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}, tolerations: [{operator: Exists}]}}"))
        .map(
            spec ->
                dynamicTest(spec.getKey(), () -> assertNothingWritten(server, spec.getValue())));
  }

  @Test
  void fullExampleWritesNothingAgain(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      SecureMemcached production = Golden.example("production");
      production.getMetadata().setNamespace(scene.namespace);
      scene.client.resource(production).create();
      scene.settled("production");
      assertNothingWritten(scene, "production");
    }
  }

  /** The order in which things are written is the order in which they are safe. */
  @Test
  void policiesComeFirstAndServersLast(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{replicas: 2, sourceZones: [{name: web}]}");
      List<String> kinds =
          scene.operator().writes().stream()
              .filter(write -> write.startsWith("PATCH"))
              .map(write -> write.replaceFirst(".*/([a-z]+)/cache[^/]*(/status)?$", "$1$2"))
              .limit(12)
              .toList();
      assertThat(kinds)
          .containsExactly(
              "networkpolicies",
              "networkpolicies",
              "networkpolicies",
              "secrets",
              "secrets",
              "secrets",
              "serviceaccounts",
              "services",
              "services",
              "statefulsets",
              "poddisruptionbudgets",
              "securememcacheds/status");
    }
  }

  private static void assertNothingWritten(ApiServer server, String spec) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec);
      assertNothingWritten(scene, "cache");
    }
  }

  /** A pass that somebody's annotation of a child causes, and a start of another operator. */
  private static void assertNothingWritten(Scene scene, String name) {
    scene.idle();
    int writes = scene.operator().writes().size();
    scene.pass(
        () ->
            scene
                .child(Secret.class, name + "-sasl")
                .edit(
                    secret ->
                        secret
                            .edit()
                            .editMetadata()
                            .addToAnnotations("example.com/seen", "yes")
                            .endMetadata()
                            .build()));
    assertThat(scene.operator().writes()).as("requests that write").hasSize(writes);

    Map<String, String> before = scene.versions();
    scene.stopOperator();
    scene.startOperator();
    Scene.soon().untilAsserted(() -> assertThat(scene.operator().passes()).isPositive());
    scene.idle();
    assertThat(scene.operator().writes()).as("requests that write, after a restart").isEmpty();
    assertThat(scene.versions()).isEqualTo(before);
  }

  /** What the API server stores in another form than it was asked for. */
  @Test
  void oddButEqualValuesAreWrittenOnce(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle(
          "cache",
          """
          labels: {example.com/empty: ""}
          annotations: {example.com/empty: ""}
          resources: {requests: {cpu: 1000m, memory: 0.25Gi}, limits: {cpu: "2.0", memory: 262144Ki}}
          scheduling:
            nodeSelector: {example.com/empty: "", kubernetes.io/os: linux}
            tolerations:
              - {key: "", operator: Exists, value: "", effect: ""}
              - {key: dedicated, operator: "", value: "", effect: ""}
            affinity: {nodeAffinity: {}, podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
            topologySpreadConstraints:
              - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {}}
            priorityClassName: ""
          sourceZones: [{name: all, sources: [{podSelector: {matchLabels: {app: ""}}}]}]
          """);
      scene.idle();
      assertThat(scene.conditionText("cache", "Ready")).startsWith("False ServersStarting");
      int writes = scene.operator().writes().size();
      scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
      assertThat(scene.operator().writes()).hasSize(writes);
    }
  }

  @Test
  void labelsAndAnnotationsAreOnEveryChildBesideTheOperatorsOwn(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle(
          "cache",
          "{replicas: 2, labels: {cost-center: a12}, annotations: {example.com/owner: web}, service: {annotations: {example.com/owner: service}}}");
      scene.idle();
      Object template = template(scene);
      assertThat(scene.objects())
          .isNotEmpty()
          .allSatisfy(
              child -> {
                String id = id(child);
                assertThat(child.getMetadata().getLabels())
                    .as(id)
                    .containsEntry("cost-center", "a12")
                    .containsEntry("app.kubernetes.io/managed-by", "securememcached-operator")
                    .containsEntry("securememcached.io/resource", "cache")
                    .doesNotContainKey("app.kubernetes.io/instance");
                assertThat(child.getMetadata().getAnnotations())
                    .as(id)
                    .containsEntry(
                        "example.com/owner", id.equals("Service cache") ? "service" : "web");
              });
      assertThat(scene.child(Secret.class, "cache-sasl").get().getMetadata().getAnnotations())
          .containsKey("securememcached.io/logins");

      scene.change("cache", "{replicas: 2, labels: {team: web}}");
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.objects())
                      .allSatisfy(
                          child ->
                              assertThat(child.getMetadata().getLabels())
                                  .as(id(child))
                                  .containsEntry("team", "web")
                                  .doesNotContainKey("cost-center")));
      assertThat(template(scene)).as("no server restarts").isEqualTo(template);
    }
  }

  private static Object template(Scene scene) {
    return scene.child(StatefulSet.class, "cache").get().getSpec().getTemplate();
  }

  private static void writeMadeUpPasswords(Scene scene, SecureMemcached created) {
    Golden.desired(created).stream()
        .filter(
            child -> child instanceof Secret && !child.getMetadata().getName().endsWith("-sasl"))
        .forEach(
            secret -> {
              secret
                  .getMetadata()
                  .getOwnerReferences()
                  .forEach(
                      owner ->
                          owner.setUid(
                              scene
                                  .resource(created.getMetadata().getName())
                                  .get()
                                  .getMetadata()
                                  .getUid()));
              scene.client.resource(secret).create();
            });
  }

  private static HasMetadata live(Scene scene, HasMetadata desired) {
    return Golden.likeDesired(scene.client.resource(desired).get(), desired);
  }

  private static String id(HasMetadata child) {
    return child.getKind() + " " + child.getMetadata().getName();
  }
}
