package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a start does before it has read everything, seen while its list of Secrets is held back. */
@WithApiServer
class PoliciesFirstIT {

  @Test
  void policiesAreRightBeforeTheRestIsRead(ApiServer server) throws Exception {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{sourceZones: [{name: web}, {name: jobs}]}");
      String password = scene.value("cache-credentials", "password");
      scene.stopOperator();
      scene.edit("cache", "{sourceZones: [{name: web}]}");
      scene.child(NetworkPolicy.class, "cache-default-deny").delete();
      scene.child(StatefulSet.class, "cache").delete();
      scene.create("carts", "{}");

      CompletableFuture<Void> mayRead = new CompletableFuture<>();
      CompletableFuture<Void> start =
          CompletableFuture.runAsync(
              () ->
                  scene.startOperator(
                      read -> {
                        if (read.endsWith("/secrets")) {
                          mayRead.orTimeout(1, TimeUnit.MINUTES).join();
                        }
                      }),
              Thread.ofPlatform()::start);
      awaitThere(scene, NetworkPolicy.class, "cache-default-deny");
      awaitThere(scene, NetworkPolicy.class, "carts-default-deny");
      Scene.soon().until(() -> isGone(scene, NetworkPolicy.class, "cache-zone-jobs"));
      assertThat(isGone(scene, NetworkPolicy.class, "cache-zone-web")).isFalse();
      scene.child(NetworkPolicy.class, "cache-zone-web").delete();
      awaitThere(scene, NetworkPolicy.class, "cache-zone-web");

      assertThat(start).as("without the list of Secrets").isNotDone();
      assertThat(isGone(scene, StatefulSet.class, "cache")).isTrue();
      assertThat(isGone(scene, Secret.class, "carts-credentials")).isTrue();
      assertThat(scene.resource("carts").get().getStatus().observedGeneration()).isNegative();

      mayRead.complete(null);
      start.get(1, TimeUnit.MINUTES);
      scene.settled("cache");
      scene.settled("carts");
      awaitThere(scene, StatefulSet.class, "cache");
      assertThat(isGone(scene, Secret.class, "carts-credentials")).isFalse();
      assertThat(scene.value("cache-credentials", "password")).isEqualTo(password);
    }
  }

  private static void awaitThere(Scene scene, Class<? extends HasMetadata> kind, String name) {
    Scene.soon().until(() -> !isGone(scene, kind, name));
  }

  private static boolean isGone(Scene scene, Class<? extends HasMetadata> kind, String name) {
    return scene.child(kind, name).get() == null;
  }
}
