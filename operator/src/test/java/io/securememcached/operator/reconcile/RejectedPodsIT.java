package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

/** Pods that Kubernetes refuses to create; the test is the StatefulSet's controller. */
@WithApiServer
class RejectedPodsIT {

  private static final String QUOTA =
      "pods \"sessions-0\" is forbidden: failed quota: compute: must specify limits.cpu for: memcached";

  @Test
  void statusRepeatsTheApiServersWords(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("sessions", "{}");
      StatefulSet servers = scene.child(StatefulSet.class, "sessions").get();
      refused(scene, servers, "a", "older words", Duration.ofMinutes(1));
      refused(
          scene,
          servers,
          "b",
          "create Pod sessions-0 in StatefulSet sessions failed error: " + QUOTA,
          Duration.ZERO);
      // The operator looks for events from this moment.
      pods(scene, 0);

      Condition ready = scene.condition("sessions", Conditions.READY, "PodsRejected");
      assertThat(ready.getStatus()).isEqualTo("False");
      assertThat(ready.getMessage())
          .startsWith(
              "Kubernetes rejects the pods: \"" + QUOTA + "\". Set spec.resources.limits.cpu, or");
      assertThat(
              scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
                  .filter(event -> event.getReason().equals("PodsRejected")))
          .singleElement()
          .satisfies(event -> assertThat(event.getType()).isEqualTo("Warning"));

      pods(scene, 1);
      scene.condition("sessions", Conditions.READY, "ServersStarting");
      assertThat(scene.conditionText("sessions", Conditions.READY))
          .isEqualTo("False ServersStarting 0 of 1 servers are ready.");
    }
  }

  /** Anybody who may write events in the namespace may write these. */
  @Test
  void manyAndLargeEventsAreCutAndThoseOfOthersLeftOut(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("sessions", "{}");
      StatefulSet servers = scene.child(StatefulSet.class, "sessions").get();
      StatefulSet other =
          new StatefulSetBuilder(servers).editMetadata().withUid("another").endMetadata().build();
      refused(scene, other, "other", "of an earlier life", Duration.ZERO);
      refused(scene, servers, "old", "long ago", Duration.ofHours(2));
      for (int i = 0; i < 12; i++) {
        refused(scene, servers, "large-" + i, "x\n\u202e".repeat(100_000), Duration.ofMinutes(1));
      }
      refused(scene, servers, "z", QUOTA + "\n\u001b[31m" + "y".repeat(100_000), Duration.ZERO);
      pods(scene, 0);

      assertThat(scene.condition("sessions", Conditions.READY, "PodsRejected").getMessage())
          .contains(QUOTA + " [31myyy", "yyy...\"")
          .hasSizeLessThan(700);
    }
  }

  /** Pods that are created a moment later are no refusal, and nobody writes events then. */
  @Test
  void missingPodsWithoutAnEventAreStarting(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("sessions", "{}");
      StatefulSet servers = scene.child(StatefulSet.class, "sessions").get();
      refused(scene, servers, "old", "long ago", Duration.ofHours(2));
      pods(scene, 0);

      scene.pass(() -> scene.annotate("sessions", "securememcached.io/look", "again"));
      assertThat(scene.conditionText("sessions", Conditions.READY))
          .isEqualTo("False ServersStarting 0 of 1 servers are ready.");
    }
  }

  private static StatefulSet pods(Scene scene, int replicas) {
    return scene
        .child(StatefulSet.class, "sessions")
        .editStatus(
            set ->
                new StatefulSetBuilder(set)
                    .withNewStatus()
                    .withObservedGeneration(set.getMetadata().getGeneration())
                    .withReplicas(replicas)
                    .endStatus()
                    .build());
  }

  private static void refused(
      Scene scene, StatefulSet servers, String name, String message, Duration ago) {
    String time = Instant.now().minus(ago).truncatedTo(ChronoUnit.SECONDS).toString();
    scene
        .client
        .resource(
            new EventBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(scene.namespace)
                .endMetadata()
                .withType("Warning")
                .withReason("FailedCreate")
                .withMessage(message)
                .withFirstTimestamp(time)
                .withLastTimestamp(time)
                .withNewInvolvedObject()
                .withApiVersion("apps/v1")
                .withKind("StatefulSet")
                .withNamespace(scene.namespace)
                .withName(servers.getMetadata().getName())
                .withUid(servers.getMetadata().getUid())
                .endInvolvedObject()
                .build())
        .create();
  }
}
