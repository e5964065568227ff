package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Place.Reach.CONNECTED;
import static io.securememcached.operator.e2e.Place.Reach.REFUSED;
import static io.securememcached.operator.e2e.Place.Reach.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.status.Conditions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the setting {@code mesh} lets through to the servers, and what it does not. No mesh runs
 * here: packets to its port are refused by the pod, where nobody listens, or dropped on their way,
 * and its address for the kubelet's probes is set by the rule that its agent has.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class MeshE2E {

  private static final int PORT_OF_MESH = 15008;

  /** Settings of an administrator whose clients have sidecars, as docs/meshes.md has them. */
  private static final String SIDECARS =
      "intendedTraffic=[{\"name\":\"istiod\",\"egress\":[{\"to\":[{\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"istio-system\"}}}],\"ports\":[{\"protocol\":\"TCP\",\"port\":15012}]}]}]";

  private final Sandbox sandbox;
  private final TestbedCluster testbed;
  private final Cluster.OutsideHost friend;
  private Place web;
  private Place other;

  MeshE2E(Cluster cluster, Installation installation) {
    if (!(cluster instanceof TestbedCluster its)) {
      throw new IllegalStateException("Needs rules on the node: run it with -Dcluster=testbed");
    }
    testbed = its;
    sandbox = new Sandbox(cluster, installation, "e2e-mesh");
    friend = cluster.outside("e2e-mesh-friend", "10.30.0.81");
  }

  @BeforeAll
  void start() {
    sandbox.apply(
        "sessions",
        "sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}, {cidr: 10.30.0.81/32}]}]");
    web = sandbox.client("web", Map.of("app", "web"));
    other = sandbox.client("other", Map.of("app", "other"));
    sandbox.awaitReady("sessions");
  }

  @AfterEach
  void withoutMesh() {
    deletePolicy();
    set("--set=mesh=None", "--set-json=intendedTraffic=[]");
  }

  @AfterAll
  void stop() {
    friend.close();
    sandbox.close();
  }

  @Test
  void zonesGetThroughToThePortOfTheMeshAndOthersDoNot() throws MemcachedException {
    Server server = server();
    Server mesh = portOfMesh();
    Sandbox.awaitReach(web, server, CONNECTED);
    // The counter-example: without the setting, which another test may have taken back just now.
    Sandbox.awaitReach(web, mesh, TIMED_OUT);
    Sandbox.awaitReach(friend, mesh, TIMED_OUT);

    ObjectMeta before = sandbox.pod("sessions-0").getMetadata();
    try (Relay relay = new Relay(web, server);
        MemcachedClient connection = relay.login()) {
      assertThat(connection.set("key", bytes("kept"), Duration.ZERO).ok()).isTrue();
      set("--set=mesh=IstioAmbient");
      Sandbox.awaitReach(web, mesh, REFUSED);
      Sandbox.awaitReach(friend, mesh, REFUSED);
      // The same connection to the same process.
      assertThat(connection.get("key").text().text()).isEqualTo("kept");
      assertThat(sandbox.pod("sessions-0").getMetadata().getUid()).isEqualTo(before.getUid());
    }
    assertThat(other.reach(mesh)).isEqualTo(TIMED_OUT);
    assertThat(other.reach(server)).isEqualTo(TIMED_OUT);
    assertThat(web.reach(server)).isEqualTo(CONNECTED);
    // Nothing else was opened to the zone.
    assertThat(web.reach(port(15006))).isEqualTo(TIMED_OUT);
    assertThat(web.reach(port(15012))).isEqualTo(TIMED_OUT);

    // A zone that is narrowed is narrowed for the mesh, too.
    sandbox.apply("sessions", "sourceZones: [{name: web, sources: [{cidr: 10.30.0.81/32}]}]");
    Sandbox.awaitReach(web, mesh, TIMED_OUT);
    assertThat(friend.reach(mesh)).isEqualTo(REFUSED);
    sandbox.apply(
        "sessions",
        "sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}, {cidr: 10.30.0.81/32}]}]");
    Sandbox.awaitReach(web, mesh, REFUSED);

    set("--set=mesh=None");
    Sandbox.awaitReach(web, mesh, TIMED_OUT);
    assertThat(web.reach(server)).isEqualTo(CONNECTED);
  }

  @Test
  void whatOthersOpenToThePortOfTheMeshIsReported() {
    Server mesh = portOfMesh();
    policy(
        "{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{protocol: TCP, port: 15008}]}]}");
    Sandbox.awaitReach(other, mesh, REFUSED);
    // Without a mesh that port leads nowhere.
    sandbox.awaitReady("sessions");

    set("--set=mesh=IstioAmbient");
    sandbox.awaitReason("sessions", "Exposed");
    assertThat(notExposed())
        .contains("NetworkPolicy platform: allows ingress from anywhere to port 15008");
    deletePolicy();
    sandbox.awaitReady("sessions");
    Sandbox.awaitReach(other, mesh, TIMED_OUT);
  }

  /** Policies for all pods of a namespace, for the sake of its clients' sidecars. */
  @Test
  void wayOutOfTheClientsSidecarsIsAcceptedByEitherSetting() {
    policy(
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}}], ports: [{protocol: TCP, port: 15012}]}]}");
    sandbox.awaitReason("sessions", "Exposed");
    set("--set=mesh=IstioAmbient");
    sandbox.awaitReady("sessions");
    assertThat(notExposed())
        .contains("platform", "intended as the control plane of the mesh IstioAmbient");
    set("--set=mesh=None");
    sandbox.awaitReason("sessions", "Exposed");
    set("--set-json=" + SIDECARS);
    sandbox.awaitReady("sessions");
    assertThat(notExposed()).contains("platform", "intended as istiod");
  }

  /** The counter-example: without the setting, the server is not ready. */
  @Test
  void probesOfTheKubeletGetThrough() {
    Pod server = sandbox.pod("sessions-0");
    testbed.linkLocalProbes(server, true);
    try {
      awaitContainersReady("False");
      // What Istio's agent writes, for the status to say why.
      annotate(server, "\"enabled\"");
      sandbox.awaitReason("sessions", "MeshNotEnabled");
      set("--set=mesh=IstioAmbient");
      awaitContainersReady("True");
      sandbox.awaitReady("sessions");
      assertThat(sandbox.pod("sessions-0").getMetadata().getUid())
          .isEqualTo(server.getMetadata().getUid());
      set("--set=mesh=None");
      awaitContainersReady("False");
    } finally {
      testbed.linkLocalProbes(server, false);
      annotate(server, "null");
    }
    awaitContainersReady("True");
    sandbox.awaitReady("sessions");
  }

  private void annotate(Pod server, String redirection) {
    sandbox
        .client()
        .resource(server)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": {\"ambient.istio.io/redirection\": %s}}}"
                .formatted(redirection));
  }

  private void awaitContainersReady(String status) {
    Sandbox.eventually(
        "the kubelet's view of the server",
        () ->
            assertThat(sandbox.pod("sessions-0").getStatus().getConditions())
                .filteredOn(condition -> condition.getType().equals("ContainersReady"))
                .extracting(PodCondition::getStatus)
                .containsExactly(status));
  }

  private void set(String... values) {
    sandbox
        .installation()
        .helm(
            Stream.concat(
                    List.of(
                        "upgrade",
                        Installation.RELEASE,
                        "charts/securememcached-operator",
                        "--namespace",
                        Installation.NAMESPACE,
                        "--reuse-values",
                        "--wait",
                        "--timeout=3m")
                        .stream(),
                    List.of(values).stream())
                .toArray(String[]::new));
  }

  private String notExposed() {
    return Conditions.find(sandbox.get("sessions").getStatus().conditions(), Conditions.NOT_EXPOSED)
        .orElseThrow()
        .getMessage();
  }

  private void policy(String spec) {
    NetworkPolicy policy =
        Serialization.unmarshal(
            "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: platform, namespace: e2e-mesh}, spec: %s}"
                .formatted(spec),
            NetworkPolicy.class);
    sandbox.client().resource(policy).create();
  }

  private void deletePolicy() {
    sandbox
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(sandbox.namespace())
        .withName("platform")
        .delete();
  }

  private Server server() {
    return sandbox.server("sessions-0", "sessions-credentials");
  }

  private Server portOfMesh() {
    return port(PORT_OF_MESH);
  }

  private Server port(int port) {
    Server server = server();
    return new Server(server.pod(), server.address(), port, server.login());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
