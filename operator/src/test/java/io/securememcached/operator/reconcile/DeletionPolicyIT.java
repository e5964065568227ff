package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What becomes of the logins when the resource, or its whole namespace, goes and comes back. The
 * test's API server has no garbage collector: who has an owner that is gone would go too.
 */
@WithApiServer
class DeletionPolicyIT {

  private static final List<String> SECRETS =
      List.of("cache-operator", "cache-sasl", "cache-credentials");

  @Test
  void deletedSecretsHaveAnOwnerAndRetainedOnesNone(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      assertThat(SECRETS).allSatisfy(name -> assertThat(owners(scene, name)).hasSize(1));
      Map<String, String> data = data(scene);
      scene.change("cache", "{deletionPolicy: Retain}");
      Scene.soon()
          .untilAsserted(
              () -> assertThat(SECRETS).allSatisfy(n -> assertThat(owners(scene, n)).isEmpty()));
      scene.change("cache", "{}");
      Scene.soon()
          .untilAsserted(
              () -> assertThat(SECRETS).allSatisfy(n -> assertThat(owners(scene, n)).hasSize(1)));
      assertThat(data(scene)).as("no login changes").isEqualTo(data);
      assertThat(
              scene
                  .objects()
                  .filter(child -> !(child instanceof Secret || child instanceof NetworkPolicy)))
          .allSatisfy(child -> assertThat(child.getMetadata().getOwnerReferences()).hasSize(1));
    }
  }

  @Test
  void resourceOfTheSameNameTakesRetainedSecretsOver(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{deletionPolicy: Retain}");
      Map<String, String> data = data(scene);
      scene.resource("cache").delete();
      collectGarbage(scene);
      scene.idle();
      scene.createAndSettle("cache", "{deletionPolicy: Retain}");
      scene.idle();
      assertThat(data(scene)).isEqualTo(data);
    }
  }

  /** As Velero does it: neither owners, nor a record of who wrote what. */
  @Test
  void restoredSecretsAreTakenOver(ApiServer server) {
    Map<String, String> data;
    List<HasMetadata> backup;
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      data = data(scene);
      backup = SECRETS.stream().<HasMetadata>map(n -> scene.child(Secret.class, n).get()).toList();
    }
    try (Scene scene = Scene.quiet(server)) {
      restore(scene, backup, List.of());
      scene.startOperator();
      scene.createAndSettle("cache", "{}");
      scene.idle();
      assertThat(data(scene)).isEqualTo(data);
      assertThat(SECRETS).allSatisfy(name -> assertThat(owners(scene, name)).hasSize(1));
    }
  }

  /** As {@code kubectl get -o yaml} and {@code kubectl create} do it. */
  @Test
  void restoredSecretsWithTheUidOfAnEarlierLifeAreTakenOver(ApiServer server) {
    List<HasMetadata> backup;
    Map<String, String> data;
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      data = data(scene);
      backup = SECRETS.stream().<HasMetadata>map(n -> scene.child(Secret.class, n).get()).toList();
    }
    try (Scene scene = Scene.quiet(server)) {
      restore(scene, backup, backup.getFirst().getMetadata().getOwnerReferences());
      scene.startOperator();
      scene.createAndSettle("cache", "{}");
      scene.idle();
      assertThat(data(scene)).isEqualTo(data);
      assertThat(SECRETS)
          .allSatisfy(
              name ->
                  assertThat(owners(scene, name))
                      .extracting(OwnerReference::getUid)
                      .contains(scene.resource("cache").get().getMetadata().getUid()));
    }
  }

  private static void restore(Scene scene, List<HasMetadata> backup, List<OwnerReference> owners) {
    for (HasMetadata secret : backup) {
      secret.setMetadata(
          new ObjectMetaBuilder()
              .withNamespace(scene.namespace)
              .withName(secret.getMetadata().getName())
              .withLabels(secret.getMetadata().getLabels())
              .withAnnotations(secret.getMetadata().getAnnotations())
              .withOwnerReferences(owners)
              .build());
      scene.client.resource(secret).create();
    }
  }

  private static void collectGarbage(Scene scene) {
    scene
        .objects()
        .filter(child -> !child.getMetadata().getOwnerReferences().isEmpty())
        .forEach(child -> scene.client.resource(child).delete());
  }

  private static List<OwnerReference> owners(Scene scene, String secret) {
    return scene.child(Secret.class, secret).get().getMetadata().getOwnerReferences();
  }

  /** User names and passwords, and the sasldb byte by byte; host names differ by namespace. */
  private static Map<String, String> data(Scene scene) {
    Map<String, String> data = new TreeMap<>();
    for (String name : SECRETS) {
      scene
          .child(Secret.class, name)
          .get()
          .getData()
          .forEach((key, value) -> data.put(name + " " + key, value));
    }
    data.keySet().removeIf(key -> key.matches(".* (host|servers|uri)"));
    return data;
  }
}
