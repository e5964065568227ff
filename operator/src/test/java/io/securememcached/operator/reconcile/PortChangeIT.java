package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A server that has not restarted since a change of the port is reached as before. */
@WithApiServer
class PortChangeIT {

  private static final String SPEC =
      "{port: %d, sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}";

  @Test
  void bothPortsAreOpenUntilTheLastServerHasTheNewOne(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", SPEC.formatted(11211));
      scene.client.resource(pod(scene, "cache-0", 11211)).create();
      scene.idle();
      scene.change("cache", SPEC.formatted(21211));
      awaitPorts(scene, 11211, 21211);

      scene.stopOperator();
      scene.startOperator();
      scene.idle();
      assertThat(scene.operator().writes())
          .as("a start in the middle of a rollout")
          .noneMatch(write -> write.contains("/networkpolicies/"));

      scene.child(Pod.class, "cache-0").withGracePeriod(0).delete();
      scene.client.resource(pod(scene, "cache-0", 21211)).create();
      awaitPorts(scene, 21211);
    }
  }

  /** A change may wait for a window: until then clients are told where the servers are. */
  @Test
  void clientsAreToldThePortOfTheServers(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", SPEC.formatted(11211));
      scene.client.resource(pod(scene, "cache-0", 11211)).create();
      scene.idle();
      scene.change("cache", SPEC.formatted(21211));
      scene.idle();
      assertThat(scene.value("cache-credentials", "uri")).endsWith(":11211");
      assertThat(port(scene)).isEqualTo(11211);

      // The counter-example: the server has restarted.
      scene.child(Pod.class, "cache-0").withGracePeriod(0).delete();
      scene.client.resource(pod(scene, "cache-0", 21211)).create();
      Scene.soon().untilAsserted(() -> assertThat(port(scene)).isEqualTo(21211));
      assertThat(scene.value("cache-credentials", "uri")).endsWith(":21211");
    }
  }

  private static int port(Scene scene) {
    return scene.child(Service.class, "cache").get().getSpec().getPorts().getFirst().getPort();
  }

  /** The counter-example: a pod that is no server opens no port. */
  @Test
  void portOfAnImpostorIsNotOpened(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", SPEC.formatted(11211));
      scene.client.resource(pod(scene, "cache-00", 22)).create();
      scene.condition("cache", "NotExposed", "Exposed");
      scene.idle();
      awaitPorts(scene, 11211);
    }
  }

  private static Pod pod(Scene scene, String name, int port) {
    return ServedPod.ofSet(scene, name)
        .edit()
        .editSpec()
        .editFirstContainer()
        .editMatchingPort(named -> named.getName().equals("memcached"))
        .withContainerPort(port)
        .endPort()
        .endContainer()
        .endSpec()
        .build();
  }

  private static void awaitPorts(Scene scene, Integer... ports) {
    Scene.soon()
        .untilAsserted(
            () -> {
              for (String policy : List.of("cache-operator", "cache-zone-web")) {
                assertThat(
                        scene
                            .child(NetworkPolicy.class, policy)
                            .get()
                            .getSpec()
                            .getIngress()
                            .getFirst()
                            .getPorts())
                    .extracting(port -> port.getPort().getIntVal())
                    .containsExactly(ports);
              }
            });
  }
}
