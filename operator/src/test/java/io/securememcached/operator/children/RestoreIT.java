package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup of all children is restored, the resource last and with one zone less. */
@WithApiServer
class RestoreIT {

  private static final String ZONES =
      "{sourceZones: [{name: web, sources: [{cidr: 10.1.0.0/16}]}, {name: jobs, sources: [{cidr: 10.2.0.0/16}]}]}";
  private static final String ONE_ZONE =
      "{sourceZones: [{name: web, sources: [{cidr: 10.1.0.0/16}]}]}";

  /** Without a record of who wrote what; with the owner of an earlier life or without one. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void restoredChildrenOfAllKindsAreTakenOver(boolean withOwners, ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", ZONES);
      scene.idle();
      String password = scene.value("cache-credentials", "password");
      List<HasMetadata> backup = scene.objects().toList();
      OwnerReference earlier =
          scene.child(Service.class, "cache").get().getMetadata().getOwnerReferences().getFirst();
      scene.stopOperator();
      scene.resource("cache").delete();
      backup.forEach(child -> scene.client.resource(child).delete());
      backup.forEach(child -> restore(scene, child, withOwners ? List.of(earlier) : List.of()));
      scene.startOperator();
      String uid = scene.createAndSettle("cache", ONE_ZONE).getMetadata().getUid();
      scene.idle();

      assertThat(scene.conditionText("cache", "Ready")).startsWith("False ServersStarting");
      assertThat(scene.value("cache-credentials", "password")).isEqualTo(password);
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-jobs").get())
          .as("a zone that is no longer in the spec")
          .isNull();
      assertThat(scene.objects().filter(child -> !(child instanceof NetworkPolicy)))
          .allSatisfy(
              child ->
                  assertThat(child.getMetadata().getOwnerReferences())
                      .as(child.getKind())
                      .extracting(OwnerReference::getUid)
                      .containsExactly(uid));
      assertThat(scene.objects().filter(NetworkPolicy.class::isInstance))
          .hasSize(3)
          .allSatisfy(
              policy -> {
                assertThat(policy.getMetadata().getOwnerReferences()).isEmpty();
                assertThat(policy.getMetadata().getLabels())
                    .containsEntry("securememcached.io/resource-uid", uid);
              });
    }
  }

  private static void restore(Scene scene, HasMetadata child, List<OwnerReference> owners) {
    child.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(scene.namespace)
            .withName(child.getMetadata().getName())
            .withLabels(child.getMetadata().getLabels())
            .withAnnotations(child.getMetadata().getAnnotations())
            .withOwnerReferences(owners)
            .build());
    scene.client.resource(child).create();
  }
}
