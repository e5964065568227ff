package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Policies go last. The test's API server has neither a garbage collector nor a StatefulSet
 * controller: {@link #collectGarbage} is the first, and each test decides when a pod is gone.
 */
@WithApiServer
class DeletionIT {

  private static final String SPEC = "{sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}";
  private static final List<String> POLICIES =
      List.of("cache-default-deny", "cache-operator", "cache-zone-web");

  @Test
  void policiesGoOnceTheLastServerIsGone(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      runServer(scene);
      scene.resource("cache").delete();
      collectGarbage(scene);
      scene.idle();
      assertStay(scene);
      remove(scene, "cache-0");
      awaitNone(scene);
    }
  }

  @Test
  void withoutAServerTheyGoAtOnce(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", SPEC);
      scene.idle();
      scene.resource("cache").delete();
      collectGarbage(scene);
      awaitNone(scene);
    }
  }

  /** Before the StatefulSet is gone its controller may still make servers. */
  @Test
  void theyStayWhileThereIsAStatefulSet(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", SPEC);
      scene.idle();
      scene.resource("cache").delete();
      scene.idle();
      assertStay(scene);
    }
  }

  @Test
  void theyGoAtTheNextStartIfNoOperatorWasThere(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      runServer(scene);
      scene.createAndSettle("other", SPEC);
      scene.stopOperator();
      scene.resource("cache").delete();
      collectGarbage(scene);
      remove(scene, "cache-0");
      scene.startOperator();
      awaitNone(scene);
      assertThat(scene.child(NetworkPolicy.class, "other-zone-web").get()).isNotNull();
    }
  }

  @Test
  void startWithServersThatStillEndKeepsThem(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      runServer(scene);
      scene.stopOperator();
      scene.resource("cache").delete();
      collectGarbage(scene);
      scene.startOperator();
      scene.idle();
      assertStay(scene);
      remove(scene, "cache-0");
      awaitNone(scene);
    }
  }

  @Test
  void resourceOfTheSameNameTakesThemOver(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      runServer(scene);
      String first = uid(scene, "cache-zone-web");
      scene.resource("cache").delete();
      collectGarbage(scene);
      String resource = scene.createAndSettle("cache", SPEC).getMetadata().getUid();
      scene.condition("cache", Conditions.NETWORK_POLICIES_APPLIED, "Applied");
      remove(scene, "cache-0");
      scene.idle();
      assertStay(scene);
      assertThat(uid(scene, "cache-zone-web")).as("never deleted").isEqualTo(first);
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-web").get().getMetadata().getLabels())
          .containsEntry("securememcached.io/resource-uid", resource);
    }
  }

  @Test
  void namesakeWithoutTheLabelsIsLeftAlone(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", SPEC);
      NetworkPolicy theirs = scene.child(NetworkPolicy.class, "cache-zone-web").get();
      theirs.getMetadata().setName("cache-theirs");
      theirs.getMetadata().setResourceVersion(null);
      theirs.getMetadata().getManagedFields().clear();
      theirs.getMetadata().getLabels().clear();
      scene.client.resource(theirs).create();
      scene.resource("cache").delete();
      collectGarbage(scene);
      awaitNone(scene);
      assertThat(scene.child(NetworkPolicy.class, "cache-theirs").get()).isNotNull();
    }
  }

  /** As long as it serves it is looked after. */
  @Test
  void resourceThatWaitsForAForeignFinalizerIsReconciled(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      runServer(scene);
      deleteButWait(scene);
      open(scene);
      awaitClosed(scene);
      scene.child(NetworkPolicy.class, "cache-zone-web").delete();
      Scene.soon().until(() -> scene.child(NetworkPolicy.class, "cache-zone-web").get() != null);
      scene.child(Service.class, "cache").delete();
      Scene.soon().until(() -> scene.child(Service.class, "cache").get() != null);
      scene.edit("cache", "{}");
      Scene.soon().until(() -> scene.child(NetworkPolicy.class, "cache-zone-web").get() == null);
      assertThat(scene.settled("cache").getMetadata().getDeletionTimestamp()).isNotNull();
      release(scene);
    }
  }

  /** The children go first, or stay without an owner: none but the policies comes back. */
  @ParameterizedTest
  @EnumSource(names = {"FOREGROUND", "ORPHAN"})
  void whereChildrenGoFirstOnlyPoliciesAreKept(DeletionPropagation propagation, ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      runServer(scene);
      scene.resource("cache").withPropagationPolicy(propagation).delete();
      scene.condition("cache", Conditions.READY, "Deleting");
      scene.child(Service.class, "cache").delete();
      open(scene);
      awaitClosed(scene);
      await()
          .atMost(Scene.DEADLINE)
          .during(Duration.ofSeconds(1))
          .until(() -> scene.child(Service.class, "cache").get() == null);
      assertThat(scene.conditionText("cache", Conditions.NETWORK_POLICIES_APPLIED))
          .startsWith("True Applied");
      release(scene);
    }
  }

  private static void runServer(Scene scene) {
    scene.createAndSettle("cache", SPEC);
    scene.client.resource(ServedPod.ofSet(scene, "cache-0")).create();
    scene.idle();
  }

  private static void deleteButWait(Scene scene) {
    setFinalizers(scene, List.of("example.com/wait"));
    scene.resource("cache").delete();
  }

  private static void release(Scene scene) {
    setFinalizers(scene, List.of());
  }

  private static void setFinalizers(Scene scene, List<String> finalizers) {
    scene
        .resource("cache")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            Serialization.asJson(Map.of("metadata", Map.of("finalizers", finalizers))));
  }

  private static void open(Scene scene) {
    scene
        .child(NetworkPolicy.class, "cache-default-deny")
        .edit(policy -> policy.edit().editSpec().addNewIngress().endIngress().endSpec().build());
  }

  private static void awaitClosed(Scene scene) {
    Scene.soon()
        .until(
            () ->
                scene
                    .child(NetworkPolicy.class, "cache-default-deny")
                    .get()
                    .getSpec()
                    .getIngress()
                    .isEmpty());
  }

  private static void assertStay(Scene scene) {
    assertThat(policies(scene)).containsExactlyInAnyOrderElementsOf(POLICIES);
  }

  private static void awaitNone(Scene scene) {
    Scene.soon().untilAsserted(() -> assertThat(policies(scene)).isEmpty());
  }

  private static List<String> policies(Scene scene) {
    return scene
        .objects()
        .filter(NetworkPolicy.class::isInstance)
        .map(policy -> policy.getMetadata().getName())
        .filter(POLICIES::contains)
        .toList();
  }

  private static String uid(Scene scene, String policy) {
    return scene.child(NetworkPolicy.class, policy).get().getMetadata().getUid();
  }

  private static void remove(Scene scene, String pod) {
    scene.child(Pod.class, pod).withGracePeriod(0).delete();
  }

  private static void collectGarbage(Scene scene) {
    scene
        .objects()
        .filter(
            child ->
                child.getMetadata().getOwnerReferences().stream()
                    .anyMatch(owner -> owner.getName().equals("cache")))
        .sorted((a, b) -> Boolean.compare(isSet(a), isSet(b)))
        .forEach(child -> scene.client.resource(child).delete());
  }

  private static boolean isSet(HasMetadata child) {
    return child instanceof StatefulSet;
  }
}
