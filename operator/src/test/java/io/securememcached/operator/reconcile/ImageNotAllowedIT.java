package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Images that the administrator of the operator does not allow. */
@WithApiServer
class ImageNotAllowedIT {

  private static final Map<String, String> LISTED =
      Map.of("ALLOWED_IMAGE_REFERENCES", "registry.example/caches/");
  private static final String OTHER = "{image: {reference: evil.example/memcached}}";

  @Test
  void noServerIsCreatedAndAllElseIs(ApiServer server) {
    try (Scene scene = Scene.quiet(server)) {
      scene.startOperator(LISTED);
      scene.create("sessions", OTHER);

      assertThat(scene.condition("sessions", Conditions.READY, "ImageNotAllowed").getMessage())
          .startsWith(
              "spec.image.reference evil.example/memcached is not allowed by the operator's administrator (allowed: registry.example/caches/). ");
      assertThat(scene.child(StatefulSet.class, "sessions").get()).isNull();
      assertThat(scene.child(NetworkPolicy.class, "sessions-default-deny").get()).isNotNull();
      assertThat(scene.child(Secret.class, "sessions-sasl").get()).isNotNull();

      scene.change("sessions", "{image: {reference: registry.example/caches/memcached}}");
      scene.condition("sessions", Conditions.READY, "ServersStarting");
      assertThat(image(scene)).isEqualTo("registry.example/caches/memcached");
    }
  }

  @Test
  void serversThatRunAreLeftAsTheyAreAndTheirZonesFollow(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("sessions", OTHER);
      StatefulSet before = scene.child(StatefulSet.class, "sessions").get();
      scene.stopOperator();
      scene.startOperator(LISTED);
      scene.condition("sessions", Conditions.READY, "ImageNotAllowed");

      scene.change(
          "sessions",
          "{replicas: 3, image: {reference: evil.example/other}, sourceZones: [{name: web}]}");
      assertThat(scene.child(NetworkPolicy.class, "sessions-zone-web").get()).isNotNull();
      assertThat(scene.child(StatefulSet.class, "sessions").get()).isEqualTo(before);
      assertThat(scene.conditionText("sessions", Conditions.NETWORK_POLICIES_APPLIED))
          .startsWith("True");
      assertThat(scene.conditionText("sessions", Conditions.NOT_EXPOSED)).startsWith("True");

      scene.change("sessions", "{replicas: 0, image: {reference: evil.example/other}}");
      assertThat(scene.child(StatefulSet.class, "sessions").get().getSpec().getReplicas()).isZero();

      scene.change("sessions", "{}");
      assertThat(image(scene)).isEqualTo("registry.example/memcached:1.4.15-centos7");
    }
  }

  private static String image(Scene scene) {
    return scene
        .child(StatefulSet.class, "sessions")
        .get()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }
}
