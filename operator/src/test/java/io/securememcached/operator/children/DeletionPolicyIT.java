package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
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

  /** As Velero does it: neither owners, nor a record of who wrote what, the servers last. */
  @Test
  void restoredSecretsAreTakenOver(ApiServer server) {
    Map<String, String> data;
    List<HasMetadata> backup;
    StatefulSet servers;
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      data = data(scene);
      backup = SECRETS.stream().<HasMetadata>map(n -> scene.child(Secret.class, n).get()).toList();
      servers = scene.child(StatefulSet.class, "cache").get();
    }
    try (Scene scene = Scene.quiet(server)) {
      restore(scene, backup, List.of());
      scene.startOperator();
      scene.createAndSettle("cache", "{}");
      scene.condition("cache", "Ready", "NameConflict");
      restore(scene, List.of(servers), List.of());
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(SECRETS)
                      .allSatisfy(name -> assertThat(owners(scene, name)).hasSize(1)));
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
      scene.createAndSettle("cache", "{deletionPolicy: Retain}");
      scene.idle();
      assertThat(data(scene)).isEqualTo(data);
      assertThat(SECRETS).allSatisfy(name -> assertThat(owners(scene, name)).isEmpty());
    }
  }

  /** Who may create Secrets, and nothing else, would choose the passwords of a new resource. */
  @Test
  void secretsThatSomebodyMadeBeforehandAreNotUsed(ApiServer server) {
    List<HasMetadata> planted;
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      planted = SECRETS.stream().<HasMetadata>map(n -> scene.child(Secret.class, n).get()).toList();
    }
    List<ManagedFieldsEntry> asIfWrittenByTheOperator =
        planted.getFirst().getMetadata().getManagedFields();
    try (Scene scene = Scene.quiet(server)) {
      for (HasMetadata secret : planted) {
        secret.setMetadata(
            new ObjectMetaBuilder()
                .withNamespace(scene.namespace)
                .withName(secret.getMetadata().getName())
                .withLabels(secret.getMetadata().getLabels())
                .withAnnotations(secret.getMetadata().getAnnotations())
                .withManagedFields(asIfWrittenByTheOperator)
                .build());
        scene.client.resource(secret).create();
      }
      Map<String, String> known = data(scene);
      scene.startOperator();
      scene.create("cache", "{}");
      assertThat(scene.condition("cache", "Ready", "NameConflict").getMessage())
          .isEqualTo(
              "Secret cache-operator existed before this resource, and its logins can't be attributed to this resource. Delete it, or set spec.deletionPolicy to Retain to adopt its logins.");
      assertThat(scene.child(StatefulSet.class, "cache").get()).isNull();

      // The way out in the message.
      SECRETS.forEach(name -> scene.child(Secret.class, name).delete());
      scene.annotate("cache", "other/key", "x");
      Scene.soon().until(() -> scene.child(StatefulSet.class, "cache").get() != null);
      assertThat(data(scene).values())
          .filteredOn(value -> !value.equals(known.get("cache-sasl memcached.conf")))
          .doesNotContain(known.get("cache-credentials password"))
          .doesNotContain(known.get("cache-sasl memcached-sasldb2"));
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
