package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Place.Reach.CONNECTED;
import static io.securememcached.operator.e2e.Place.Reach.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** What stays as it is when the operator or its objects come and go. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class LifecycleE2E {

  private static final String SPEC =
      """
      replicas: 2
      sourceZones:
        - name: web
          sources: [{podSelector: {matchLabels: {app: web}}}]
      """;

  private final Sandbox sandbox;
  private final Owned owned;
  private final Installation installation;
  private Checks checks;
  private Place stranger;
  private Server open;

  LifecycleE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    sandbox = new Sandbox(cluster, installation, "e2e-lifecycle");
    owned = new Owned(sandbox);
  }

  @BeforeAll
  void start() {
    sandbox.apply("sessions", SPEC);
    sandbox.apply("idle", "replicas: 0");
    checks = new Checks(sandbox, sandbox.client("web", Map.of("app", "web")));
    stranger = sandbox.client("stranger", Map.of());
    open = new BarePods(sandbox).withoutSasl("open");
    sandbox.awaitReady("sessions");
    sandbox.awaitReady("idle");
    Sandbox.awaitReach(checks.client(), server("sessions-0"), CONNECTED);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void restartedOperatorWritesNothing() {
    Map<String, String> before = owned.settledSnapshot();
    installation.restart();
    // The resources that were there come first, so all were looked at when a new one is done.
    sandbox.apply("late", "replicas: 0");
    sandbox.awaitReady("late");
    assertUnchanged(before, owned.settledSnapshot());

    // The counter-example: a foreign change, which the operator reverts.
    NetworkPolicy policy = policy("sessions-zone-web");
    policy.getMetadata().setManagedFields(null);
    policy.getSpec().setIngress(List.of());
    sandbox.client().resource(policy).update();
    Sandbox.eventually(
        "the zone to come back",
        () -> assertThat(policy("sessions-zone-web").getSpec().getIngress()).hasSize(1));
    Checks.assertFails(() -> assertUnchanged(before, owned.settledSnapshot()));
  }

  private static void assertUnchanged(Map<String, String> before, Map<String, String> after) {
    assertThat(after).containsAllEntriesOf(before);
    // A new event about an old resource is a write, too.
    assertThat(after.keySet())
        .filteredOn(id -> id.startsWith("Event/") && !id.startsWith("Event/late."))
        .allSatisfy(id -> assertThat(before).containsKey(id));
  }

  @Test
  void deletedChildrenComeBack() {
    List<HasMetadata> children =
        owned.childrenOf("sessions").stream()
            .filter(child -> !(child instanceof StatefulSet))
            .toList();
    assertThat(children).hasSize(10);
    Figure figure = Figure.of("10 children deleted, each when the last was back");
    // One at a time: a password whose copies are all gone is a new one afterwards.
    for (HasMetadata child : children) {
      sandbox.client().resource(child).delete();
      Sandbox.eventually(
          Owned.id(child) + " to come back",
          () ->
              assertThat(owned.childrenOf("sessions"))
                  .anySatisfy(
                      now -> {
                        assertThat(Owned.id(now)).isEqualTo(Owned.id(child));
                        assertThat(now.getMetadata().getUid())
                            .isNotEqualTo(child.getMetadata().getUid());
                      }));
    }
    figure.done();
    Server server = server("sessions-0");
    Sandbox.awaitReach(checks.client(), server, CONNECTED);
    checks.letsUserIn(server, server.login().user());
    checks.keepsOut(stranger, server);
  }

  @Test
  void deletedDefaultDenyComesBackAndKeepsOut() {
    NetworkPolicy policy = policy("sessions-default-deny");
    Figure figure = Figure.of("default-deny policy deleted, until it is back");
    sandbox.client().resource(policy).delete();
    Sandbox.eventually(
        "the policy to come back", () -> assertThat(policy("sessions-default-deny")).isNotNull());
    figure.done();
    checks.keepsOut(stranger, server("sessions-0"));
    assertThat(stranger.reach(open)).isEqualTo(CONNECTED);
  }

  @Test
  void whatOthersAddToOpenAServerIsTakenAway() {
    NetworkPolicy policy = policy("sessions-default-deny");
    policy.getSpec().setIngress(List.of(new NetworkPolicyIngressRule()));
    change(policy, "everyone let in by the default-deny policy");
    Sandbox.eventually(
        "the default-deny policy",
        () -> assertThat(policy("sessions-default-deny").getSpec().getIngress()).isEmpty());

    Service service =
        sandbox.client().services().inNamespace(sandbox.namespace()).withName("sessions").get();
    service.getSpec().setExternalIPs(List.of("192.0.2.1"));
    change(service, "an external address for the Service");
    Sandbox.eventually(
        "the Service",
        () ->
            assertThat(sandbox.client().resource(service).get().getSpec().getExternalIPs())
                .isEmpty());

    StatefulSet servers =
        sandbox
            .client()
            .apps()
            .statefulSets()
            .inNamespace(sandbox.namespace())
            .withName("idle")
            .get();
    PodSpec pods = servers.getSpec().getTemplate().getSpec();
    pods.setHostNetwork(true);
    pods.setInitContainers(BarePods.pod("added", Map.of()).build().getSpec().getContainers());
    change(servers, "the host's network and one more container for the servers");
    Sandbox.eventually(
        "the StatefulSet",
        () -> {
          PodSpec now = sandbox.client().resource(servers).get().getSpec().getTemplate().getSpec();
          assertThat(now.getHostNetwork()).isNotEqualTo(true);
          assertThat(now.getInitContainers()).isEmpty();
        });
    Sandbox.awaitReach(checks.client(), server("sessions-0"), CONNECTED);
    Sandbox.awaitReach(stranger, server("sessions-0"), TIMED_OUT);
    checks.keepsOut(stranger, server("sessions-0"));
  }

  private void change(HasMetadata object, String what) {
    object.getMetadata().setManagedFields(null);
    object.getMetadata().setResourceVersion(null);
    sandbox.client().resource(object).update();
    System.out.println("  changed: " + what);
  }

  @Test
  void stoppedOperatorOpensNothing() {
    installation.scale(0);
    try {
      // The next one starts as on a new cluster.
      installation.deleteLease();
      checks.keepsOut(stranger, server("sessions-1"));
      // Nobody proves it, so it gets no traffic from the Services; its address is there.
      sandbox.replaceUnproven("sessions-1");
      Server server = server("sessions-1");
      Sandbox.awaitReach(checks.client(), server, CONNECTED);
      checks.keepsOut(stranger, server);
      checks.listensOnPodAddressAndLoopback(server);
      checks.letsUserIn(server, server.login().user());
      // The counter-example: nothing but the policies keeps the stranger out.
      Checks.assertFindsFault(target -> checks.keepsOut(stranger, target), open);
    } finally {
      installation.scale(1);
    }
  }

  @Test
  void userComesAndGoesWithoutARestart() {
    String users = "replicas: 1\nrotation: {overlap: 1s}\nusers: [%s]";
    sandbox.apply("logins", users.formatted("{name: sammy}"));
    sandbox.awaitReady("logins");
    List<String> pods = uidsOf("logins");
    sandbox.apply("logins", users.formatted("{name: sammy}, {name: jim}"));
    Sandbox.eventually(
        "the login of jim",
        () -> assertThat(owned.idsOf("logins")).contains("Secret/logins-credentials-jim"));
    sandbox.awaitReady("logins");
    sandbox.apply("logins", users.formatted("{name: sammy}"));
    Sandbox.eventually(
        "the login of jim to go",
        () -> assertThat(owned.idsOf("logins")).doesNotContain("Secret/logins-credentials-jim"));
    sandbox.awaitReady("logins");
    assertThat(owned.idsOf("logins")).contains("Secret/logins-credentials-sammy");
    assertThat(uidsOf("logins")).isEqualTo(pods);

    // The counter-example: a setting that can't be changed on a running server.
    sandbox.apply("logins", users.formatted("{name: sammy}") + "\nmaxConnections: 512");
    sandbox.awaitReason("logins", "RollingOut");
    sandbox.awaitReady("logins");
    assertThat(uidsOf("logins")).isNotEqualTo(pods);
  }

  private List<String> uidsOf(String name) {
    return owned.podsOf(name).stream().map(pod -> pod.getMetadata().getUid()).toList();
  }

  @Test
  void childrenGoWithTheirResource() {
    for (String name : List.of("short", "orphaning")) {
      sandbox.apply(name, SPEC);
      sandbox.awaitReady(name);
      assertThat(owned.idsOf(name)).hasSize(13);
    }
    Figure figure = Figure.of("resource deleted, until all children and pods are gone");
    sandbox.delete("short");
    Sandbox.eventually("the children to go", () -> assertThat(owned.idsOf("short")).isEmpty());
    figure.done();

    // The counter-example: children that are orphaned.
    sandbox.deleteAlone("orphaning");
    Sandbox.eventually("the resource to go", () -> assertThat(sandbox.get("orphaning")).isNull());
    assertThat(owned.idsOf("orphaning")).hasSize(13);
  }

  private NetworkPolicy policy(String name) {
    return sandbox
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(sandbox.namespace())
        .withName(name)
        .get();
  }

  private Server server(String pod) {
    return sandbox.server(pod, "sessions-credentials");
  }
}
