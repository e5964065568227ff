package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.DisruptionController;
import io.securememcached.operator.testing.ImpatientClient;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Evictions, as {@code kubectl drain} requests them, of pods that the test makes ready or not. The
 * budget's status is that of Kubernetes' own controller.
 */
@WithApiServer
class EvictionIT {

  private static final String NAME = "cache";

  @TempDir static Path folder;

  private static DisruptionController controller;

  private static KubernetesClient drain;

  @BeforeAll
  static void start(ApiServer server) throws IOException {
    controller = DisruptionController.start(server, folder);
    drain = ImpatientClient.of(server.config());
  }

  @AfterAll
  static void stop() {
    drain.close();
    controller.close();
  }

  @Test
  void readyServersGoOneAtATime(ApiServer server) {
    try (Scene scene = servers(server, 3, true)) {
      awaitBudget(scene, 3, 1);
      assertThat(evict(scene, 0)).isTrue();
      assertThat(evict(scene, 1)).as("while the first is away").isFalse();
      awaitBudget(scene, 2, 0);
      assertThat(evict(scene, 1)).isFalse();
      run(scene, 0, true);
      awaitBudget(scene, 3, 1);
      assertThat(evict(scene, 1)).isTrue();
    }
  }

  @Test
  void serversThatAreNotReadyDoNotHoldADrain(ApiServer server) {
    try (Scene scene = servers(server, 3, false)) {
      awaitBudget(scene, 0, 0);
      assertThat(evict(scene, 0)).isTrue();
      assertThat(evict(scene, 1)).isTrue();

      // The counter-example: what Kubernetes does by default.
      scene.stopOperator();
      scene
          .child(PodDisruptionBudget.class, NAME)
          .edit(
              budget ->
                  new PodDisruptionBudgetBuilder(budget)
                      .editSpec()
                      .withUnhealthyPodEvictionPolicy(null)
                      .endSpec()
                      .build());
      awaitBudget(scene, 0, 0);
      assertThat(evict(scene, 2)).isFalse();
    }
  }

  /** An unready server goes, and the ready ones keep their budget. */
  @Test
  void anUnreadyServerDoesNotFreeAReadyOne(ApiServer server) {
    try (Scene scene = servers(server, 3, true)) {
      setReady(scene, 0, false);
      awaitBudget(scene, 2, 0);
      assertThat(evict(scene, 1)).isFalse();
      assertThat(evict(scene, 0)).isTrue();
      assertThat(evict(scene, 1)).isFalse();
    }
  }

  @Test
  void aSingleServerHoldsNoDrain(ApiServer server) {
    try (Scene scene = servers(server, 1, true)) {
      assertThat(scene.child(PodDisruptionBudget.class, NAME).get()).isNull();
      assertThat(evict(scene, 0)).isTrue();
    }
  }

  /** With listen: Loopback the operator asks no server, as there is none. */
  private static Scene servers(ApiServer server, int number, boolean ready) {
    Scene scene = Scene.operated(server);
    scene.createAndSettle(NAME, "{listen: Loopback, replicas: %d}".formatted(number));
    scene.idle();
    for (int i = 0; i < number; i++) {
      run(scene, i, ready);
    }
    return scene;
  }

  private static void run(Scene scene, int ordinal, boolean ready) {
    scene.client.resource(ServedPod.ofSet(scene, pod(ordinal))).create();
    setReady(scene, ordinal, ready);
  }

  private static void setReady(Scene scene, int ordinal, boolean ready) {
    scene
        .child(Pod.class, pod(ordinal))
        .editStatus(
            seen ->
                new PodBuilder(ServedPod.runningAt(seen, "127.0.0.1"))
                    .editStatus()
                    .removeMatchingFromConditions(c -> c.getType().equals("Ready"))
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus(ready ? "True" : "False")
                    .endCondition()
                    .endStatus()
                    .build());
  }

  /** Waits until the controller has seen the budget and the pods as they are. */
  private static void awaitBudget(Scene scene, int healthy, int allowed) {
    Scene.soon()
        .untilAsserted(
            () -> {
              PodDisruptionBudget budget = scene.child(PodDisruptionBudget.class, NAME).get();
              assertThat(budget.getStatus()).isNotNull();
              assertThat(budget.getStatus().getObservedGeneration())
                  .isEqualTo(budget.getMetadata().getGeneration());
              assertThat(budget.getStatus().getCurrentHealthy()).isEqualTo(healthy);
              assertThat(budget.getStatus().getDisruptionsAllowed()).isEqualTo(allowed);
            });
  }

  /** Whether the API server grants the eviction. */
  private static boolean evict(Scene scene, int ordinal) {
    return drain.pods().inNamespace(scene.namespace).withName(pod(ordinal)).evict();
  }

  private static String pod(int ordinal) {
    return NAME + "-" + ordinal;
  }
}
