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

  private final Sandbox sandbox;
  private final Installation installation;

  VerificationE2E(Cluster cluster, Installation installation) {
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
              assertThat(server.failedChecks()).isEmpty();
              assertThat(server.unknownChecks()).isEmpty();
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
    assertFound(policy, "NetworkPolicy allow-all", figure);
    await("the ports to be closed again", Conditions.NETWORK_RESTRICTED, "True Verified");
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

  /** The broken twin of the gate: the same pod is let in once it can be checked. */
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
    sandbox.client().resource(object).create();
    try {
      await(name + " to be found", Conditions.NOT_EXPOSED, "False Exposed " + name);
      figure.done();
      await(name + " to be told", Conditions.READY, "False ");
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
