package io.securememcached.operator.children;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.Golden;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslDbFormatException;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What somebody else does to a child is put right; what is none of the operator's stays. */
@WithApiServer
class DriftIT {

  private static final String SPEC =
      "{replicas: 2, sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}";

  private static Scene scene;
  private static List<HasMetadata> pristine;

  @BeforeAll
  static void createResource(ApiServer server) {
    scene = Scene.operated(server);
    scene.createAndSettle("cache", SPEC);
    pristine = scene.objects().toList();
  }

  @AfterAll
  static void stop() {
    scene.close();
  }

  @TestFactory
  Stream<DynamicTest> tamperingIsPutRight() {
    return tamperings()
        .map(
            tampering ->
                dynamicTest(
                    tampering.child() + ": " + tampering.what(), () -> assertPutRight(tampering)));
  }

  /**
   * The counter-example of the test above. Without an operator its check fails each time; and
   * server-side apply alone, which leaves alone what others added, would leave servers open.
   */
  @TestFactory
  Stream<DynamicTest> tamperingStaysWithoutOperator(ApiServer server) {
    Scene still = Scene.quiet(server);
    SecureMemcached primary = still.create("cache", SPEC);
    List<HasMetadata> children = Children.desired(primary, Golden.SETTINGS, Golden.logins(primary));
    return tamperings()
        .map(
            tampering ->
                dynamicTest(
                    tampering.child() + ": " + tampering.what(),
                    () -> assertStays(still, children, tampering)));
  }

  @TestFactory
  Stream<DynamicTest> deletedChildrenComeBack() {
    return scene.objects().toList().stream()
        .map(
            child ->
                dynamicTest(
                    child.getKind() + " " + child.getMetadata().getName(),
                    () -> {
                      scene.child(child.getClass(), child.getMetadata().getName()).delete();
                      assertSoonAs(child, scene);
                    }));
  }

  @Test
  void foreignLabelsAndAnnotationsStay(ApiServer server) {
    try (Scene shared = Scene.operated(server)) {
      shared.createAndSettle("cache", SPEC);
      for (HasMetadata child : shared.objects().toList()) {
        shared
            .child(child.getClass(), child.getMetadata().getName())
            .edit(
                seen -> {
                  seen.getMetadata().getLabels().put("example.com/label", "theirs");
                  seen.getMetadata().setAnnotations(Map.of("example.com/annotation", "theirs"));
                  return seen;
                });
      }
      // An edit that is reverted shows that the operator has looked.
      Tampering.policies().getFirst().apply(shared);
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(
                          shared
                              .child(NetworkPolicy.class, "cache-default-deny")
                              .get()
                              .getSpec()
                              .getIngress())
                      .isEmpty());
      shared.idle();
      assertThat(shared.objects())
          .allSatisfy(
              child -> {
                assertThat(child.getMetadata().getLabels())
                    .containsEntry("example.com/label", "theirs");
                assertThat(child.getMetadata().getAnnotations())
                    .containsEntry("example.com/annotation", "theirs");
              });
    }
  }

  private static Stream<Tampering> tamperings() {
    return Stream.of(
            Tampering.policies(),
            Tampering.services(),
            Tampering.pods(),
            Tampering.containers(),
            Tampering.others())
        .flatMap(List::stream);
  }

  private static void assertPutRight(Tampering tampering) {
    tampering.apply(scene);
    assertSoonAs(child(pristine, tampering), scene);
  }

  private static void assertStays(Scene still, List<HasMetadata> children, Tampering tampering) {
    HasMetadata desired = child(children, tampering);
    still.client.resource(desired).delete();
    Scene.soon().until(() -> still.client.resource(desired).get() == null);
    HasMetadata before = apply(still, desired);
    tampering.apply(still);
    assertThat(comparable(still.client.resource(desired).get())).isNotEqualTo(comparable(before));
    assertThat(isPutRightByApply(still, desired, before))
        .as("server-side apply alone puts it right")
        .isEqualTo(!tampering.survivesApply());
  }

  private static boolean isPutRightByApply(Scene still, HasMetadata desired, HasMetadata before) {
    try {
      return comparable(apply(still, desired)).equals(comparable(before));
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  private static HasMetadata child(List<HasMetadata> children, Tampering tampering) {
    return children.stream()
        .filter(child -> tampering.kind().isInstance(child))
        .filter(child -> child.getMetadata().getName().equals(tampering.child()))
        .findFirst()
        .orElseThrow();
  }

  private static HasMetadata apply(Scene scene, HasMetadata desired) {
    desired.getMetadata().setManagedFields(null);
    desired.getMetadata().setResourceVersion(null);
    return scene
        .client
        .resource(desired)
        .fieldManager(Labels.OPERATOR)
        .forceConflicts()
        .serverSideApply();
  }

  private static void assertSoonAs(HasMetadata before, Scene scene) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(comparable(scene.client.resource(before).get()))
                    .isEqualTo(comparable(before)));
  }

  /** All but what the API server changes with each write or creation. */
  private static String comparable(HasMetadata child) {
    assertThat(child).isNotNull();
    JsonNode tree = Serialization.unmarshal(Serialization.asJson(child), JsonNode.class);
    ((ObjectNode) tree).remove("status");
    ((ObjectNode) tree.get("metadata"))
        .remove(
            List.of("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"));
    if (tree.get("spec") instanceof ObjectNode spec
        && !"None".equals(spec.path("clusterIP").asText())) {
      spec.remove(List.of("clusterIP", "clusterIPs"));
    }
    return Serialization.asYaml(child instanceof Secret ? withoutLogins(tree) : tree);
  }

  /** A damaged Secret gets another login; CredentialsIT looks at those. */
  private static JsonNode withoutLogins(JsonNode secret) {
    if (secret.get("metadata").get("annotations") instanceof ObjectNode annotations) {
      annotations.remove(Secrets.LOGINS);
    }
    if (secret.get("data") instanceof ObjectNode data) {
      for (String key : List.of("username", "password", "uri", SaslConfig.SASLDB_FILE)) {
        if (data.has(key)) {
          data.put(key, likeness(Base64.getDecoder().decode(data.get(key).asText())));
        }
      }
    }
    return secret;
  }

  /** What kind of value it is, where it is a good one. */
  private static String likeness(byte[] value) {
    try {
      return SaslDb.read(value).isEmpty() ? "an empty sasldb" : "a sasldb";
    } catch (SaslDbFormatException e) {
      return new String(value, UTF_8)
          .replaceAll("_2\\b", "")
          .replaceAll("[0-9A-Za-z]{33}|password-of-[a-z-]*", "PASSWORD");
    }
  }
}
