package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Conditions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the operator proves of running servers on a cluster whose policies are enforced. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class VerificationE2E {

  private final Cluster cluster;
  private final Sandbox sandbox;
  private final Installation installation;
  private int changes;

  VerificationE2E(Cluster cluster, Installation installation) {
    this.cluster = cluster;
    this.installation = installation;
    sandbox = new Sandbox(cluster, installation, "e2e-verification");
  }

  @BeforeAll
  void start() {
    sandbox.apply("sessions", "replicas: 2");
    sandbox.awaitReady("sessions");
    await("the proofs", Conditions.SASL_ENFORCED, "True Verified");
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void hardenedServersAreProven() {
    await("the network", Conditions.NETWORK_RESTRICTED, "True Verified");
    await("the audit", Conditions.NOT_EXPOSED, "True NotExposed");
    await("the image", Conditions.IMAGE_SUPPORTED, "True ImageSupported");
    assertThat(sandbox.get("sessions").getStatus().servers())
        .hasSize(2)
        .allSatisfy(
            server -> {
              assertThat(server.verifiedAt()).isNotEmpty();
              assertThat(server.checks()).isEmpty();
            });
    assertThat(sandbox.pod("sessions-0").getStatus().getConditions())
        .anySatisfy(
            condition -> {
              assertThat(condition.getType()).isEqualTo("securememcached.io/verified");
              assertThat(condition.getStatus()).isEqualTo("True");
            });
  }

  /** Policies add up: this one opens all ports to everybody, and the probe sees that too. */
  @Test
  void policyOfSomebodyElseIsFoundAndItsEffectSeen() {
    HasMetadata policy =
        new NetworkPolicyBuilder()
            .withNewMetadata()
            .withNamespace(sandbox.namespace())
            .withName("allow-all")
            .endMetadata()
            .withNewSpec()
            .withNewPodSelector()
            .endPodSelector()
            .addNewIngress()
            .endIngress()
            .endSpec()
            .build();
    Figure figure = Figure.of("policy of somebody else reported");
    assertFound(
        policy,
        "NetworkPolicy allow-all",
        figure,
        () ->
            await(
                "its effect",
                Conditions.NETWORK_RESTRICTED,
                "False Exposed NetworkPolicy allow-all exposes the servers"));
    Figure closed = Figure.of("closed ports seen again");
    await("the ports to be closed again", Conditions.NETWORK_RESTRICTED, "True Verified");
    closed.done();
  }

  /**
   * The cluster's counter-example: its network plugin ignores policies, in silence. Then somebody
   * else rejects what policies would drop, which is as good.
   */
  @Test
  void pluginThatIgnoresPoliciesIsFound() {
    if (!(cluster instanceof TestbedCluster testbed)) {
      throw new IllegalStateException(
          "Only the testbed's network plugin can be told to ignore policies; run this test with -Dcluster=testbed");
    }
    Figure figure = Figure.of("ignored policies reported");
    testbed.enforcePolicies(false);
    try {
      awaitChecked(Conditions.NETWORK_RESTRICTED, "False PoliciesNotEnforced");
      figure.done();
      assertThat(condition(Conditions.SASL_ENFORCED)).startsWith("True Verified");
      assertThat(condition(sandbox.pod("sessions-0"), "Ready")).isEqualTo("True");

      reject(testbed, true);
      awaitChecked(Conditions.NETWORK_RESTRICTED, "True Verified");
      reject(testbed, false);
      awaitChecked(Conditions.NETWORK_RESTRICTED, "False PoliciesNotEnforced");
    } finally {
      testbed.enforcePolicies(true);
    }
    awaitChecked(Conditions.NETWORK_RESTRICTED, "True Verified");
    sandbox.awaitReady("sessions");
  }

  private void reject(TestbedCluster testbed, boolean reject) {
    for (String server : List.of("sessions-0", "sessions-1")) {
      testbed.rejectAllBut(11211, sandbox.pod(server), reject);
    }
  }

  /** The plugin takes its time: asks again and again for checks, which a changed spec does. */
  private void awaitChecked(String type, String start) {
    Sandbox.eventually(
        type + " " + start,
        () -> {
          sandbox.apply("sessions", "replicas: 2\nrotation: {overlap: %dm}".formatted(++changes));
          sandbox.await(
              "sessions",
              resource ->
                  resource
                      .getMetadata()
                      .getGeneration()
                      .equals(resource.getStatus().observedGeneration()));
          assertThat(condition(type)).startsWith(start);
        });
  }

  @Test
  void outsideAddressIsFound() {
    assertFound(
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace(sandbox.namespace())
            .withName("outside")
            .endMetadata()
            .withNewSpec()
            .withType("NodePort")
            .withSelector(Map.of("securememcached.io/server-of", "sessions"))
            .addNewPort()
            .withPort(11211)
            .endPort()
            .endSpec()
            .build(),
        "Service outside",
        Figure.of("NodePort reported"));
  }

  @Test
  void routeIsFound() {
    assertFound(
        new IngressBuilder()
            .withNewMetadata()
            .withNamespace(sandbox.namespace())
            .withName("web")
            .endMetadata()
            .withNewSpec()
            .withNewDefaultBackend()
            .withNewService()
            .withName("sessions")
            .withNewPort()
            .withNumber(11211)
            .endPort()
            .endService()
            .endDefaultBackend()
            .endSpec()
            .build(),
        "Ingress web",
        Figure.of("Ingress reported"));
  }

  /** The counter-example of the gate: the same pod is let in once it can be checked. */
  @Test
  void serverThatNobodyCheckedGetsNoTraffic() {
    sandbox.apply("gated", "replicas: 1");
    sandbox.awaitReady("gated");
    String before = sandbox.pod("gated-0").getMetadata().getUid();
    installation.scale(0);
    try {
      sandbox.client().pods().inNamespace(sandbox.namespace()).withName("gated-0").delete();
      Sandbox.eventually(
          "the next server to run, unchecked",
          () -> {
            Pod next = sandbox.pod("gated-0");
            assertThat(next).isNotNull();
            assertThat(next.getMetadata().getUid()).isNotEqualTo(before);
            assertThat(condition(next, "ContainersReady")).isEqualTo("True");
          });
      assertThat(condition(sandbox.pod("gated-0"), "Ready")).isEqualTo("False");
    } finally {
      installation.scale(1);
    }
    Sandbox.eventually(
        "the gate", () -> assertThat(condition(sandbox.pod("gated-0"), "Ready")).isEqualTo("True"));
  }

  private void assertFound(HasMetadata object, String name, Figure figure) {
    assertFound(object, name, figure, () -> {});
  }

  private void assertFound(HasMetadata object, String name, Figure figure, Runnable more) {
    sandbox.client().resource(object).create();
    try {
      await(name + " to be found", Conditions.NOT_EXPOSED, "False Exposed " + name);
      figure.done();
      await(name + " to be told", Conditions.READY, "False Exposed ");
      more.run();
    } finally {
      sandbox.client().resource(object).delete();
    }
    await(name + " to be gone", Conditions.NOT_EXPOSED, "True NotExposed");
    sandbox.awaitReady("sessions");
  }

  private void await(String what, String type, String start) {
    Sandbox.eventually(what, () -> assertThat(condition(type)).startsWith(start));
  }

  private String condition(String type) {
    SecureMemcached resource = sandbox.get("sessions");
    Condition found = Conditions.find(resource.getStatus().conditions(), type).orElseThrow();
    return found.getStatus() + " " + found.getReason() + " " + found.getMessage();
  }

  private static String condition(Pod pod, String type) {
    return pod.getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .map(PodCondition::getStatus)
        .orElse("False");
  }
}
