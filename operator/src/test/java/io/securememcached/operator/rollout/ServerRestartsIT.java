package io.securememcached.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * An upgrade of the operator with another image, for two resources that don't wait for approval.
 */
@WithApiServer
class ServerRestartsIT {

  private static final String SPEC =
      "{listen: Loopback, updates: {operatorChanges: Immediately, pause: 0s}}";
  private static final List<String> NAMES = List.of("one", "two");

  @Test
  void oneServerOfAllResourcesRestartsAtATime(ApiServer server) {
    try (Scene scene = upgraded(server, Map.of())) {
      String first = awaitRestart(scene);
      String second = first.equals("one") ? "two" : "one";
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.conditionText(second, "UpToDate"))
                      .startsWith("False RollingOut ")
                      .endsWith(
                          "Waits for servers of other resources: the operator restarts at most 1 at a time (chart value updates.maxConcurrent)."));
      assertThat(gone(scene)).containsExactly(first);
      assertThat(pendingUpdates(scene))
          .containsExactly(
              "securememcached_pending_updates{name=\"%s\",namespace=\"%s\",origin=\"Operator\"} 1.0"
                  .formatted(second, scene.namespace));

      appear(scene, first);
      Scene.soon().untilAsserted(() -> assertThat(gone(scene)).containsExactly(second));

      scene.resource(second).delete();
      Scene.soon().untilAsserted(() -> assertThat(pendingUpdates(scene)).isEmpty());
    }
  }

  /** The counter-example. */
  @Test
  void bothRestartWhereTheSettingsAllowIt(ApiServer server) {
    try (Scene scene = upgraded(server, Map.of("UPDATE_MAX_CONCURRENT", "2"))) {
      Scene.soon().untilAsserted(() -> assertThat(gone(scene)).hasSize(2));
    }
  }

  /** By a clock that the test sets: before the window, and in it. */
  @Test
  void serverRestartsInItsWindow(ApiServer server) {
    String spec =
        "{listen: Loopback, updates: {specChanges: InWindow, pause: 0s, windows: [{start: \"%s\", duration: 2h}]}%s}";
    // Six hours from now, whatever time it is.
    String start =
        LocalTime.now(ZoneOffset.UTC).plusHours(6).format(DateTimeFormatter.ofPattern("HH:mm"));
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("one", spec.formatted(start, ""));
      appear(scene, "one");
      scene.idle();
      scene.change("one", spec.formatted(start, ", maxConnections: 1100"));
      scene.observeStatefulSet("one");
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.conditionText("one", "UpToDate"))
                      .startsWith("False WaitingForWindow "));

      scene.operator().passTime(Duration.ofHours(5));
      scene.annotate("one", "securememcached.io/look", "before the window");
      scene.idle();
      assertThat(scene.child(Pod.class, "one-0").get()).isNotNull();

      scene.operator().passTime(Duration.ofHours(2));
      scene.annotate("one", "securememcached.io/look", "in the window");
      Scene.soon().untilAsserted(() -> assertThat(scene.child(Pod.class, "one-0").get()).isNull());
    }
  }

  /** Two resources with a ready server each, and an operator that has another image for them. */
  private static Scene upgraded(ApiServer server, Map<String, String> settings) {
    Scene scene = Scene.operated(server);
    for (String name : NAMES) {
      scene.createAndSettle(name, SPEC);
      appear(scene, name);
    }
    scene.idle();
    scene.stopOperator();
    Map<String, String> upgrade = new HashMap<>(settings);
    upgrade.put("MEMCACHED_IMAGE_CENTOS7", "example/upgraded");
    scene.startOperator(upgrade);
    for (String name : NAMES) {
      Scene.soon()
          .until(
              () -> set(scene, name).getSpec().getTemplate().getSpec().getContainers().getFirst(),
              container -> container.getImage().equals("example/upgraded"));
      scene.observeStatefulSet(name);
    }
    return scene;
  }

  private static String awaitRestart(Scene scene) {
    Scene.soon().untilAsserted(() -> assertThat(gone(scene)).isNotEmpty());
    return gone(scene).getFirst();
  }

  /** Resources whose server does not exist. */
  private static List<String> gone(Scene scene) {
    return NAMES.stream()
        .filter(name -> scene.child(Pod.class, name + "-0").get() == null)
        .toList();
  }

  private static Stream<String> pendingUpdates(Scene scene) {
    return scene
        .operator()
        .get("metrics")
        .lines()
        .filter(line -> line.startsWith("securememcached_pending"));
  }

  private static StatefulSet set(Scene scene, String name) {
    return scene.child(StatefulSet.class, name).get();
  }

  /** A ready server, as controller and kubelet create it from the template. */
  private static void appear(Scene scene, String name) {
    StatefulSet set = set(scene, name);
    PodTemplateSpec template = set.getSpec().getTemplate();
    scene
        .client
        .resource(
            new PodBuilder()
                .withNewMetadataLike(template.getMetadata())
                .withNamespace(scene.namespace)
                .withName(name + "-0")
                .addNewOwnerReference()
                .withApiVersion("apps/v1")
                .withKind("StatefulSet")
                .withName(name)
                .withUid(set.getMetadata().getUid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withSpec(template.getSpec())
                .build())
        .create();
    scene.child(Pod.class, name + "-0").editStatus(pod -> ServedPod.readyAt(pod, "127.0.0.1"));
  }
}
