package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import org.junit.jupiter.api.Test;

/** What a start does about what happened while no operator ran. */
@WithApiServer
class StartIT {

  @Test
  void whatWasChangedMeanwhileIsPutRight(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{sourceZones: [{name: web}, {name: jobs}]}");
      String password = scene.value("cache-credentials", "password");
      scene.stopOperator();
      scene.edit("cache", "{sourceZones: [{name: web}]}");
      scene.child(NetworkPolicy.class, "cache-default-deny").delete();
      scene
          .child(NetworkPolicy.class, "cache-zone-web")
          .edit(policy -> policy.edit().editSpec().addNewIngress().endIngress().endSpec().build());
      scene.child(StatefulSet.class, "cache").delete();
      scene.create("carts", "{}");

      scene.startOperator();
      scene.settled("cache");
      scene.settled("carts");
      assertThat(scene.child(NetworkPolicy.class, "cache-default-deny").get()).isNotNull();
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-jobs").get()).isNull();
      assertThat(scene.child(NetworkPolicy.class, "cache-zone-web").get().getSpec().getIngress())
          .as("the zone names no source")
          .isEmpty();
      assertThat(scene.child(StatefulSet.class, "cache").get()).isNotNull();
      assertThat(scene.value("cache-credentials", "password")).isEqualTo(password);
    }
  }

  @Test
  void policiesAreNotBlamedForWhatFailsAfterThem(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      scene.stopOperator();
      scene.child(Secret.class, "cache-sasl").delete();
      scene.startOperator(
          request -> {
            if (request.matches("GET .*/secrets/cache-.*")) {
              throw new KubernetesClientException("out of order");
            }
          });
      assertThat(
              scene.condition("cache", Conditions.CREDENTIALS_READY, "RequestFailed").getMessage())
          .isEqualTo("Kubernetes API request failed: out of order");
      assertThat(scene.conditionText("cache", Conditions.NETWORK_POLICIES_APPLIED))
          .startsWith("True Applied");
    }
  }
}
