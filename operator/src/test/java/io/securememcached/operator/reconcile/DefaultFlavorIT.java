package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Another default flavor is for servers that are created from then on. */
@WithApiServer
class DefaultFlavorIT {

  private static final String REVISION = "cache-1";
  private static final Map<String, String> OTHER_DEFAULT = Map.of("DEFAULT_FLAVOR", "Debian12");

  @Test
  void serversThatExistKeepTheirs(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      observe(scene);
      scene
          .client
          .resource(
              new PodBuilder(ServedPod.ofSet(scene, "cache-0"))
                  .editMetadata()
                  .addToLabels("controller-revision-hash", REVISION)
                  .endMetadata()
                  .build())
          .create();
      Scene.soon().untilAsserted(() -> assertThat(warned(scene)).containsExactly("cache"));
      StatefulSet before = scene.child(StatefulSet.class, "cache").get();
      scene.stopOperator();
      scene.startOperator(OTHER_DEFAULT);
      scene.createAndSettle("later", "{}");
      scene.idle();

      assertThat(scene.child(StatefulSet.class, "cache").get()).isEqualTo(before);
      assertThat(warned(scene)).containsExactly("cache");
      assertThat(scene.resource("cache").get().getStatus().flavor()).isEqualTo("CentOS7");
      assertThat(scene.resource("later").get().getStatus().flavor()).isEqualTo("Debian12");

      // What is looked at where no child may be written must not take them for other servers.
      scene.resource("cache").withPropagationPolicy(DeletionPropagation.FOREGROUND).delete();
      scene.condition("cache", Conditions.READY, "Deleting");
      assertThat(scene.conditionText("cache", Conditions.NOT_EXPOSED)).startsWith("True");
    }
  }

  /** Another flavor is for those who choose it; none of them needs to be told about the default. */
  @Test
  void onlyWhoGetsTheOldMemcachedByDefaultIsToldSo(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("named", "{image: {flavor: CentOS7}}");
      scene.createAndSettle("current", "{image: {flavor: Debian13}}");
      scene.createAndSettle("own", "{image: {reference: example/own}}");
      scene.createAndSettle("unnamed", "{}");
      Scene.soon().untilAsserted(() -> assertThat(warned(scene)).containsExactly("unnamed"));

      // Neither a change of the resource nor another operator process says it again.
      scene.stopOperator();
      scene.startOperator();
      scene.edit("unnamed", "{verbosity: 2}");
      scene.idle();
      assertThat(warned(scene)).containsExactly("unnamed");
    }
  }

  /** The resources of each event, with those that got more than one as often. */
  private static List<String> warned(Scene scene) {
    return scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals("DefaultFlavorOutdated"))
        .map(event -> event.getInvolvedObject().getName())
        .toList();
  }

  /** As the StatefulSet controller does. */
  private static void observe(Scene scene) {
    scene
        .child(StatefulSet.class, "cache")
        .editStatus(
            set ->
                new StatefulSetBuilder(set)
                    .withNewStatus()
                    .withReplicas(0)
                    .withObservedGeneration(set.getMetadata().getGeneration())
                    .withUpdateRevision(REVISION)
                    .endStatus()
                    .build());
  }
}
