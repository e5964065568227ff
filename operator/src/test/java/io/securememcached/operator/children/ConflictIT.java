package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.CapturedLog;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What stands in the operator's way: it is told, by name, and nothing foreign is touched. */
@WithApiServer
class ConflictIT {

  private static final String FOREIGN =
      "%s already exists and is not managed by this resource. Delete or rename it, or rename this resource.";

  /** The labels of a child. A Secret is not the operator's by these alone. */
  private static final Map<String, String> LABELS =
      Map.of(
          "app.kubernetes.io/managed-by", "securememcached-operator",
          "securememcached.io/resource", "cache");

  @TestFactory
  Stream<DynamicTest> foreignObjectsAreNeverTouched(ApiServer server) {
    return Stream.concat(
            foreignObjects(Map.of()).stream(),
            foreignObjects(LABELS).stream().filter(Secret.class::isInstance))
        .map(
            foreign ->
                dynamicTest(
                    foreign.getKind() + " with labels " + foreign.getMetadata().getLabels(),
                    () -> assertNeverTouched(server, foreign)));
  }

  /** One with an owner stays that owner's, whatever its labels. */
  @TestFactory
  Stream<DynamicTest> objectsOfOtherOwnersAreNeverTouched(ApiServer server) {
    return foreignObjects(LABELS).stream()
        .map(
            foreign ->
                dynamicTest(
                    foreign.getKind() + " " + foreign.getMetadata().getName(),
                    () -> {
                      foreign
                          .getMetadata()
                          .setOwnerReferences(
                              List.of(new OwnerReference("v1", null, null, "ConfigMap", "a", "b")));
                      try (Scene scene = Scene.operated(server)) {
                        HasMetadata before =
                            scene.client.resource(inNamespace(scene, foreign)).create();
                        scene.create("cache", "{}");
                        assertThat(
                                scene
                                    .condition("cache", Conditions.READY, "NameConflict")
                                    .getMessage())
                            .contains(" is owned by ConfigMap a. ");
                        assertThat(scene.client.resource(before).get()).isEqualTo(before);
                      }
                    }));
  }

  @Test
  void conflictIsOverSoonAfterTheObjectIsGone(ApiServer server) {
    try (Scene scene = Scene.quiet(server)) {
      HasMetadata foreign =
          scene.client.resource(inNamespace(scene, foreignObjects(LABELS).get(1))).create();
      scene.startOperator();
      scene.create("cache", "{}");
      scene.condition("cache", Conditions.READY, "NameConflict");
      scene.client.resource(foreign).delete();
      scene.condition("cache", Conditions.READY, "ServersStarting");
    }
  }

  @Test
  void foreignObjectOfAnotherKindIsNoConflict(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene
          .client
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withNamespace(scene.namespace)
                  .withName("cache")
                  .endMetadata()
                  .build())
          .create();
      scene.create("cache", "{}");
      scene.condition("cache", Conditions.READY, "ServersStarting");
    }
  }

  /** The headless Service of one has the name of the other one's Service for clients. */
  @Test
  void twoResourcesWithCrossingNames(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("a", "{}");
      String version =
          scene.child(Service.class, "a-nodes").get().getMetadata().getResourceVersion();
      scene.create("a-nodes", "{}");
      assertThat(scene.condition("a-nodes", Conditions.READY, "NameConflict").getMessage())
          .isEqualTo(
              "Service a-nodes already exists and is owned by SecureMemcached a. Rename this resource, or wait if that owner is being deleted.");
      assertThat(scene.child(Service.class, "a-nodes").get().getMetadata().getResourceVersion())
          .isEqualTo(version);
      assertThat(scene.child(StatefulSet.class, "a-nodes").get())
          .as("no server without its Service")
          .isNull();

      scene.resource("a-nodes").delete();
      scene.idle();
      assertThat(scene.child(Service.class, "a-nodes").get().getMetadata().getResourceVersion())
          .isEqualTo(version);
    }
  }

  /** Without its owner a child could be anybody's, such as the crossing resource's. */
  @Test
  void crossingResourceDoesNotTakeOrphan(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("a", "{}");
      scene.stopOperator();
      scene.resource("a").delete();
      scene
          .child(Service.class, "a-nodes")
          .edit(
              service -> service.edit().editMetadata().withOwnerReferences().endMetadata().build());
      scene.startOperator();
      scene.create("a-nodes", "{}");
      assertThat(scene.condition("a-nodes", Conditions.READY, "NameConflict").getMessage())
          .isEqualTo(FOREIGN.formatted("Service a-nodes"));
    }
  }

  /** Between the event that the cache knows and the delete, the name became somebody else's. */
  @Test
  void staleDeleteSparesTheObjectThatHasTheNameNow(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{sourceZones: [{name: web}]}");
      AtomicBoolean replaced = new AtomicBoolean();
      scene
          .operator()
          .beforeWrite(
              write -> {
                if (write.equals("DELETE " + policyPath(scene)) && !replaced.getAndSet(true)) {
                  scene.child(NetworkPolicy.class, "cache-zone-web").delete();
                  scene.client.resource(inNamespace(scene, labelled(theirs()))).create();
                }
              });
      scene.change("cache", "{}");
      scene.idle();
      assertThat(replaced).as("the operator meant to delete its own").isTrue();
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-web").get()).isNotNull();
    }
  }

  /** The counter-example: a child that was only edited meanwhile goes. */
  @Test
  void childThatChangedMeanwhileIsStillDeleted(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{sourceZones: [{name: web}]}");
      AtomicBoolean edited = new AtomicBoolean();
      scene
          .operator()
          .beforeWrite(
              write -> {
                if (write.equals("DELETE " + policyPath(scene)) && !edited.getAndSet(true)) {
                  scene
                      .child(NetworkPolicy.class, "cache-zone-web")
                      .edit(
                          seen -> {
                            seen.getMetadata().setAnnotations(Map.of("note", "edited"));
                            return seen;
                          });
                }
              });
      scene.change("cache", "{}");
      scene.idle();
      assertThat(edited).isTrue();
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-web").get()).isNull();
    }
  }

  /** The cache has lost it when the response to the apply comes, which creates it again. */
  @Test
  void childThatIsDeletedWhileItIsChangedIsNoError(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{sourceZones: [{name: web}]}");
      scene.idle();
      AtomicBoolean deleted = new AtomicBoolean();
      scene
          .operator()
          .beforeWrite(
              write -> {
                if (write.equals("PATCH " + policyPath(scene)) && !deleted.getAndSet(true)) {
                  double before = events(scene);
                  scene.child(NetworkPolicy.class, "cache-zone-web").delete();
                  Scene.soon().until(() -> events(scene) > before);
                }
              });
      scene.change("cache", "{sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}");
      scene.idle();
      assertThat(deleted).as("the operator changed it").isTrue();
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-web").get()).isNotNull();
      assertThat(scene.client.v1().events().inNamespace(scene.namespace).list().getItems())
          .extracting(Event::getReason)
          .doesNotContain("InternalError");
    }
  }

  /** Events that the operator has had so far; those of its own writes don't count. */
  private static double events(Scene scene) {
    return scene
        .operator()
        .get("metrics")
        .lines()
        .filter(line -> line.startsWith("operator_sdk_events_received_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static String policyPath(Scene scene) {
    return "/apis/networking.k8s.io/v1/namespaces/%s/networkpolicies/cache-zone-web"
        .formatted(scene.namespace);
  }

  /** Without the operator's label the admission policy of its account would spare it, too. */
  private static NetworkPolicy labelled(NetworkPolicy policy) {
    return policy
        .edit()
        .editMetadata()
        .addToLabels(Labels.MANAGED_BY, Labels.OPERATOR)
        .endMetadata()
        .build();
  }

  private static NetworkPolicy theirs() {
    return new NetworkPolicyBuilder()
        .withNewMetadata()
        .withName("cache-zone-web")
        .endMetadata()
        .withNewSpec()
        .withNewPodSelector()
        .addToMatchLabels("app", "theirs")
        .endPodSelector()
        .endSpec()
        .build();
  }

  /** A resource that is deleted with {@code --cascade=orphan} and comes back. */
  @Test
  void orphansAreTakenBackWithTheirPasswords(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      String password = scene.value("cache-credentials", "password");
      scene.stopOperator();
      scene.resource("cache").delete();
      scene
          .objects()
          .forEach(
              child ->
                  scene
                      .child(child.getClass(), child.getMetadata().getName())
                      .edit(
                          seen -> {
                            seen.getMetadata().setOwnerReferences(List.of());
                            return seen;
                          }));
      scene.startOperator();
      String uid = scene.createAndSettle("cache", "{}").getMetadata().getUid();
      assertThat(scene.value("cache-credentials", "password")).isEqualTo(password);
      assertThat(scene.objects().filter(child -> !(child instanceof NetworkPolicy)))
          .allSatisfy(
              child ->
                  assertThat(child.getMetadata().getOwnerReferences())
                      .singleElement()
                      .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(uid)));
    }
  }

  @Test
  void refusalOfTheApiServerIsTold(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.create(
          "cache",
          "{scheduling: {tolerations: [{key: dedicated, operator: Sometimes, effect: NoSchedule}]}}");
      Condition ready = scene.condition("cache", Conditions.READY, "ChildRejected");
      assertThat(ready.getStatus()).isEqualTo("False");
      assertThat(ready.getMessage())
          .startsWith("StatefulSet cache: StatefulSet.apps \"cache\" is invalid:")
          .contains("Unsupported value: \"Sometimes\"");
      assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied").getStatus())
          .isEqualTo("True");
      assertThat(scene.resource("cache").get().getStatus().observedGeneration()).isEqualTo(1);

      scene.change("cache", "{}");
      scene.condition("cache", Conditions.READY, "ServersStarting");
    }
  }

  @Test
  void changeThatIsRefusedLeavesTheServersAsTheyAre(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      String version =
          scene.child(StatefulSet.class, "cache").get().getMetadata().getResourceVersion();
      scene.change("cache", "{scheduling: {tolerations: [{operator: Sometimes}]}}");
      scene.condition("cache", Conditions.SERVERS_READY, "ChildRejected");
      assertThat(scene.child(StatefulSet.class, "cache").get().getMetadata().getResourceVersion())
          .isEqualTo(version);
    }
  }

  @Test
  void endingNamespaceMakesNoNoise(ApiServer server) throws Exception {
    try (Scene scene = Scene.operated(server);
        CapturedLog log = new CapturedLog()) {
      scene.createAndSettle("cache", "{image: {flavor: Debian13}}");
      scene.idle();
      log.clear();
      scene.client.namespaces().withName(scene.namespace).delete();
      // There is no controller that empties the namespace; this is what one does.
      scene.pass(() -> scene.child(Service.class, "cache").delete());
      scene.child(StatefulSet.class, "cache").delete();
      scene.idle();
      assertThat(scene.child(Service.class, "cache").get()).isNull();
      assertThat(log.text()).doesNotContain("WARN", "ERROR", "Exception");
      assertThat(scene.client.v1().events().inNamespace(scene.namespace).list().getItems())
          .as("no event of a failure")
          .noneMatch(event -> event.getType().equals("Warning"));
    }
  }

  /** One policy that can't be written holds no other back, and no zone open. */
  @Test
  void conflictOverOnePolicyHoldsNoOtherBack(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle(
          "cache",
          "{sourceZones: [{name: old, sources: [{cidr: 10.1.0.0/16}]}, {name: web, sources: [{cidr: 10.2.0.0/16}]}]}");
      scene.idle();
      scene
          .client
          .resource(
              new NetworkPolicyBuilder()
                  .withNewMetadata()
                  .withNamespace(scene.namespace)
                  .withName("cache-zone-a")
                  .endMetadata()
                  .withNewSpec()
                  .withNewPodSelector()
                  .addToMatchLabels("app", "theirs")
                  .endPodSelector()
                  .endSpec()
                  .build())
          .create();
      scene.edit(
          "cache",
          "{sourceZones: [{name: a, sources: [{cidr: 10.3.0.0/16}]}, {name: web, sources: [{cidr: 10.4.0.0/16}]}]}");
      assertThat(scene.condition("cache", Conditions.READY, "NameConflict").getMessage())
          .isEqualTo(FOREIGN.formatted("NetworkPolicy cache-zone-a"));
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-old").get()).isNull();
      assertThat(cidr(scene, "cache-zone-web")).isEqualTo("10.4.0.0/16");

      scene.child(NetworkPolicy.class, "cache-zone-web").delete();
      Scene.soon().until(() -> scene.child(NetworkPolicy.class, "cache-zone-web").get() != null);
    }
  }

  private static String cidr(Scene scene, String policy) {
    return scene
        .child(NetworkPolicy.class, policy)
        .get()
        .getSpec()
        .getIngress()
        .getFirst()
        .getFrom()
        .getFirst()
        .getIpBlock()
        .getCidr();
  }

  /** Where a child is refused, what opens the servers that run is told all the same. */
  @Test
  void refusalHidesNoExposure(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      scene.client.resource(ServedPod.ofSet(scene, "cache-0")).create();
      scene.change("cache", "{scheduling: {tolerations: [{operator: Sometimes}]}}");
      scene.condition("cache", Conditions.SERVERS_READY, "ChildRejected");
      scene
          .client
          .resource(
              new NetworkPolicyBuilder()
                  .withNewMetadata()
                  .withNamespace(scene.namespace)
                  .withName("theirs")
                  .endMetadata()
                  .withNewSpec()
                  .withNewPodSelector()
                  .endPodSelector()
                  .addNewIngress()
                  .endIngress()
                  .endSpec()
                  .build())
          .create();
      scene.condition("cache", Conditions.NOT_EXPOSED, "Exposed");
      assertThat(scene.conditionText("cache", Conditions.SERVERS_READY))
          .contains(" ChildRejected ");
    }
  }

  private static List<HasMetadata> foreignObjects(Map<String, String> labels) {
    return List.of(
        new NetworkPolicyBuilder()
            .withNewMetadata()
            .withName("cache-default-deny")
            .withLabels(labels)
            .endMetadata()
            .withNewSpec()
            .withNewPodSelector()
            .endPodSelector()
            .endSpec()
            .build(),
        new SecretBuilder()
            .withNewMetadata()
            .withName("cache-sasl")
            .withLabels(labels)
            .endMetadata()
            .addToData("memcached-sasldb2", "AAAA")
            .build(),
        new SecretBuilder()
            .withNewMetadata()
            .withName("cache-credentials")
            .withLabels(labels)
            .endMetadata()
            .addToData("password", "bXkgc2VjcmV0")
            .build(),
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName("cache")
            .withLabels(labels)
            .endMetadata()
            .build(),
        new ServiceBuilder()
            .withNewMetadata()
            .withName("cache")
            .withLabels(labels)
            .endMetadata()
            .withNewSpec()
            .addNewPort()
            .withPort(80)
            .endPort()
            .endSpec()
            .build(),
        new StatefulSetBuilder()
            .withNewMetadata()
            .withName("cache")
            .withLabels(labels)
            .endMetadata()
            .withNewSpec()
            .withReplicas(0)
            .withNewSelector()
            .addToMatchLabels("app", "theirs")
            .endSelector()
            .withNewTemplate()
            .withNewMetadata()
            .addToLabels("app", "theirs")
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("theirs")
            .withImage("theirs")
            .endContainer()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build());
  }

  private static HasMetadata inNamespace(Scene scene, HasMetadata object) {
    object.getMetadata().setNamespace(scene.namespace);
    return object;
  }

  private static void assertNeverTouched(ApiServer server, HasMetadata foreign) {
    try (Scene scene = Scene.operated(server)) {
      HasMetadata before = scene.client.resource(inNamespace(scene, foreign)).create();
      scene.create("cache", "{}");
      Condition ready = scene.condition("cache", Conditions.READY, "NameConflict");
      assertThat(ready.getMessage())
          .isEqualTo(FOREIGN.formatted(foreign.getKind() + " " + foreign.getMetadata().getName()));
      scene.resource("cache").delete();
      scene.idle();
      assertThat(scene.client.resource(before).get()).isEqualTo(before);
    }
  }
}
