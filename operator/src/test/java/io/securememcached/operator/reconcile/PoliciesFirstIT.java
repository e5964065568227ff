package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a start does before it has read everything. */
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
      CompletableFuture<Void> start = start(scene, held("GET", "/secrets", mayRead));
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

  /** As where a webhook for NetworkPolicies hangs: the kubelet must not end such a start. */
  @Test
  void startIsOverAllTheSameWherePoliciesCantBeWritten(ApiServer server) throws Exception {
    try (Scene scene = Scene.quiet(server)) {
      // One for each thread that passes have, and one more.
      List<String> names = List.of("a", "b", "c", "d", "e");
      names.forEach(name -> scene.create(name, "{}"));
      CompletableFuture<Void> mayWrite = new CompletableFuture<>();
      start(scene, held("PATCH", "-default-deny", mayWrite)).get(1, TimeUnit.MINUTES);
      assertThat(mayWrite).isNotDone();
      mayWrite.complete(null);
      names.forEach(scene::settled);
    }
  }

  @Test
  void policiesAreNotBlamedForWhatFailsAfterThem(ApiServer server) throws Exception {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      scene.stopOperator();
      scene.child(Secret.class, "cache-sasl").delete();
      CompletableFuture<Void> start =
          start(
              scene,
              request -> {
                if (request.matches("GET .*/secrets/cache-.*")) {
                  throw new KubernetesClientException("out of order");
                }
              });
      start.get(1, TimeUnit.MINUTES);
      assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "Failed").getMessage())
          .isEqualTo("The API server could not be asked: out of order");
      assertThat(scene.conditionText("cache", Conditions.NETWORK_POLICIES_APPLIED))
          .startsWith("True Applied");
    }
  }

  /** Holds up requests of a method whose path has an end. */
  private static Consumer<String> held(String method, String end, CompletableFuture<Void> until) {
    return request -> {
      if (request.startsWith(method) && request.endsWith(end)) {
        until.orTimeout(1, TimeUnit.MINUTES).join();
      }
    };
  }

  private static CompletableFuture<Void> start(Scene scene, Consumer<String> beforeRequest) {
    return CompletableFuture.runAsync(
        () -> scene.startOperator(beforeRequest), Thread.ofPlatform()::start);
  }

  private static void awaitThere(Scene scene, Class<? extends HasMetadata> kind, String name) {
    Scene.soon().until(() -> !isGone(scene, kind, name));
  }

  private static boolean isGone(Scene scene, Class<? extends HasMetadata> kind, String name) {
    return scene.child(kind, name).get() == null;
  }
}
