package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.ScalingStatus;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a change of the spec does to the children, and what it costs. */
@WithApiServer
class ChangeIT {

  private static final String WEB = "{name: web, sources: [{cidr: 10.0.4.0/24}]}";
  private static final String BATCH =
      "{name: batch, sources: [{podSelector: {matchLabels: {app: batch}}}]}";

  private Scene scene;

  @BeforeEach
  void createResource(ApiServer server) {
    scene = Scene.operated(server);
    scene.createAndSettle("cache", "{sourceZones: [%s, %s]}".formatted(WEB, BATCH));
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void removedZoneCloses() {
    assertThat(zones()).containsExactlyInAnyOrder("cache-zone-web", "cache-zone-batch");
    scene.change("cache", "{sourceZones: [%s]}".formatted(BATCH));
    assertThat(zones()).containsExactly("cache-zone-batch");
    scene.change("cache", "{}");
    assertThat(zones()).isEmpty();
    assertThat(scene.child(NetworkPolicy.class, "cache-default-deny").get()).isNotNull();
  }

  @Test
  void zoneRemovedWhileNobodyLooksCloses() {
    scene.stopOperator();
    scene
        .resource("cache")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"sourceZones\": []}}");
    scene.startOperator();
    scene.settled("cache");
    assertThat(zones()).isEmpty();
  }

  /** One zone is renamed: at no time are both open. */
  @Test
  void oldZoneClosesBeforeNewOneOpens() {
    scene.change(
        "cache",
        "{sourceZones: [%s, {name: office, sources: [{cidr: 10.0.5.0/24}]}]}".formatted(WEB));
    assertThat(
            scene.operator().writes().stream()
                .filter(
                    write ->
                        write.contains("cache-zone-batch") || write.contains("cache-zone-office"))
                .map(write -> write.replaceFirst(" .*/", " ")))
        .containsExactly(
            "PATCH cache-zone-batch", "DELETE cache-zone-batch", "PATCH cache-zone-office");
  }

  @Test
  void emptiedZoneHasNoRule() {
    scene.change("cache", "{sourceZones: [{name: web, sources: []}]}");
    assertThat(scene.child(NetworkPolicy.class, "cache-zone-web").get().getSpec().getIngress())
        .isEmpty();
  }

  @Test
  void budgetIsForSeveralServersOnly() {
    assertThat(scene.child(PodDisruptionBudget.class, "cache").get()).isNull();
    scene.change("cache", "{replicas: 2}");
    assertThat(scene.child(PodDisruptionBudget.class, "cache").get()).isNotNull();
    scene.change("cache", "{replicas: 1}");
    assertThat(scene.child(PodDisruptionBudget.class, "cache").get()).isNull();
  }

  @Test
  void scalingIsToldByEventAndStatus() {
    assertThat(scene.settled("cache").getStatus().lastScaling()).contains(ScalingStatus.first(1));
    scene.change("cache", "{replicas: 4}");
    scene.change("cache", "{replicas: 3}");
    scene.idle();
    assertThat(
            scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
                .filter(event -> event.getReason().startsWith("Servers"))
                .filter(event -> !event.getReason().equals("ServersStarting"))
                .map(event -> event.getReason() + ": " + event.getMessage().split(",")[0]))
        .containsExactlyInAnyOrder(
            "ServersAdded: Scaling out from 1 to 4 servers: clients with consistent hashing look for about 75% of their keys on the added servers",
            "ServersRemoved: Scaling in from 4 to 3 servers: the removed server's cache is lost");
    assertThat(scene.settled("cache").getStatus().scaling())
        .satisfies(
            scaling -> {
              assertThat(scaling.before()).contains(4);
              assertThat(scaling.to()).isEqualTo(3);
            });
    assertThat(scene.conditionText("cache", Conditions.SERVERS_READY))
        .contains("about 25% of the keys");
  }

  @Test
  void otherPort() {
    scene.change("cache", "{port: 11311, sourceZones: [%s]}".formatted(WEB));
    assertThat(scene.value("cache-credentials", "uri")).endsWith(":11311");
    assertThat(scene.child(Service.class, "cache").get().getSpec().getPorts())
        .singleElement()
        .satisfies(port -> assertThat(port.getPort()).isEqualTo(11311));
    assertThat(
            scene
                .child(NetworkPolicy.class, "cache-zone-web")
                .get()
                .getSpec()
                .getIngress()
                .getFirst()
                .getPorts())
        .singleElement()
        .satisfies(port -> assertThat(port.getPort().getIntVal()).isEqualTo(11311));
  }

  /** A change of the pod template restarts the servers and empties their caches. */
  @TestFactory
  Stream<DynamicTest> changesThatRestartNoServer() {
    return Stream.of(
            Map.entry("zones", "{sourceZones: [%s]}".formatted(WEB)),
            Map.entry("users", "{users: [{name: sammy}]}"),
            Map.entry("annotations of the Service", "{service: {annotations: {a: b}}}"),
            Map.entry("replicas", "{replicas: 3}"))
        .map(
            change ->
                dynamicTest(
                    change.getKey(),
                    () -> {
                      var before = template();
                      scene.change("cache", change.getValue());
                      assertThat(template()).isEqualTo(before);
                    }));
  }

  /** The counter-example of the test above: the check sees a restart. */
  @TestFactory
  Stream<DynamicTest> changesThatRestartServers() {
    return Stream.of(
            "{verbosity: 2}",
            "{maxConnections: 2048}",
            "{listen: Loopback}",
            "{pod: {labels: {a: b}}}")
        .map(
            change ->
                dynamicTest(
                    change,
                    () -> {
                      var before = template();
                      scene.change("cache", change);
                      assertThat(template()).isNotEqualTo(before);
                    }));
  }

  /** Secrets of others in the namespace are none of the operator's business. */
  @Test
  void foreignObjectsWithTheSameLabelsStay() {
    HasMetadata foreign =
        scene
            .client
            .resource(
                scene
                    .child(Secret.class, "cache-credentials")
                    .get()
                    .edit()
                    .withNewMetadata()
                    .withNamespace(scene.namespace)
                    .withName("cache-copy")
                    .addToLabels(
                        scene
                            .child(Secret.class, "cache-credentials")
                            .get()
                            .getMetadata()
                            .getLabels())
                    .endMetadata()
                    .build())
            .create();
    scene.change("cache", "{users: [{name: sammy}]}");
    assertThat(scene.client.resource(foreign).get()).isEqualTo(foreign);
  }

  private List<String> zones() {
    return scene
        .client
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(scene.namespace)
        .list()
        .getItems()
        .stream()
        .map(policy -> policy.getMetadata().getName())
        .filter(name -> name.contains("-zone-"))
        .toList();
  }

  private Object template() {
    return scene.child(StatefulSet.class, "cache").get().getSpec().getTemplate();
  }
}
