package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.CheckStatus;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server's pod passes its gate when a real server passes the checks, and only then. */
@WithApiServer
class VerificationIT {

  @TempDir Path folder;

  private Scene scene;
  private ServedPod pod;

  @AfterEach
  void stop() throws IOException {
    scene.close();
    pod.close();
  }

  @Test
  void provenServerPassesTheGate(ApiServer server) throws IOException {
    start(server, ServedPod.start(folder), "{port: %d}");
    Scene.soon().untilAsserted(() -> assertThat(gate()).isEqualTo("True Verified"));
    scene.condition("cache", Conditions.SASL_ENFORCED, "Verified");
    // Nothing here enforces policies, and that is seen, too.
    assertThat(condition(Conditions.NETWORK_RESTRICTED)).startsWith("False PoliciesNotEnforced");
    assertThat(server().verifiedAt()).isNotEmpty();
    assertThat(server().checks())
        .singleElement()
        .satisfies(
            check -> {
              assertThat(check.check()).isEqualTo("policies-enforced");
              assertThat(check.outcome()).isEqualTo("Failed");
              assertThat(check.evidence().text()).startsWith("connection refused: 1 9");
            });
    assertThat(server().version().isEmpty()).isFalse();
    assertThat(scene.operator().get("metrics"))
        .containsPattern(metric("login", "1"))
        .containsPattern(metric("policies-enforced", "0"))
        .contains("securememcached_proof_age_seconds{");
  }

  /** Nothing here enforces policies, so the connection gets through with it and without. */
  @Test
  void policyThatHasJustGoneIsNotTakenForAnIgnoredOne(ApiServer server) throws IOException {
    start(server, ServedPod.start(folder), "{port: %d}");
    scene.condition("cache", Conditions.NETWORK_RESTRICTED, "PoliciesNotEnforced");
    NetworkPolicy policy =
        Serialization.unmarshal(
            """
            metadata: {name: allow-all, namespace: %s}
            spec: {podSelector: {}, ingress: [{}]}
            """
                .formatted(scene.namespace),
            NetworkPolicy.class);
    scene.client.resource(policy).create();
    scene.condition("cache", Conditions.NETWORK_RESTRICTED, "Exposed");
    scene.client.resource(policy).delete();
    Scene.soon()
        .untilAsserted(
            () -> assertThat(condition(Conditions.NOT_EXPOSED)).doesNotContain("allow-all"));
    assertThat(condition(Conditions.NETWORK_RESTRICTED)).startsWith("Unknown NotVerified");
    assertThat(server().checks())
        .extracting(CheckStatus::check, CheckStatus::outcome)
        .containsExactly(tuple("policies-enforced", "Unknown"));
  }

  /** The counter-example. */
  @Test
  void serverWithoutSaslStaysOutside(ApiServer server) throws IOException {
    start(server, ServedPod.startWithoutSasl(folder), "{port: %d}");
    Scene.soon().untilAsserted(() -> assertThat(gate()).isEqualTo("False CheckFailed"));
    scene.condition("cache", Conditions.SASL_ENFORCED, "CheckFailed");
    assertThat(condition(Conditions.SASL_ENFORCED)).startsWith("False CheckFailed cache-0: ");
    assertThat(condition(Conditions.READY)).startsWith("False CheckFailed cache-0: ");
    assertThat(server().checks())
        .extracting(CheckStatus::check, CheckStatus::outcome)
        .contains(
            tuple("unauthenticated-refused", "Failed"), tuple("text-protocol-refused", "Failed"));
    assertThat(scene.operator().get("metrics"))
        .containsPattern(metric("unauthenticated-refused", "0"));
    assertThat(scene.client.v1().events().inNamespace(scene.namespace).list().getItems())
        .anyMatch(
            event -> event.getType().equals("Warning") && event.getReason().equals("CheckFailed"));
  }

  @Test
  void withoutTheGateTheChecksOnlyReport(ApiServer server) throws IOException {
    start(
        server, ServedPod.startWithoutSasl(folder), "{port: %d, verification: {gate: ReportOnly}}");
    scene.condition("cache", Conditions.SASL_ENFORCED, "CheckFailed");
    scene.idle();
    assertThat(gate()).isEmpty();
  }

  @Test
  void restartedOperatorGoesOnWithTheProofsThatItHas(ApiServer server) throws IOException {
    start(server, ServedPod.start(folder), "{port: %d}");
    Scene.soon().untilAsserted(() -> assertThat(gate()).isEqualTo("True Verified"));
    pod.setRunning(true);
    Scene.soon().untilAsserted(() -> assertThat(server().ready()).isTrue());
    scene.idle();
    scene.stopOperator();
    Map<String, String> before = scene.versions();
    scene.startOperator();
    scene.idle();
    assertThat(scene.versions()).isEqualTo(before);
    assertThat(scene.operator().writes()).isEmpty();
  }

  @Test
  void metricsOfAServerGoWithIt(ApiServer server) throws IOException {
    start(server, ServedPod.start(folder), "{port: %d}");
    Scene.soon()
        .untilAsserted(
            () -> assertThat(scene.operator().get("metrics")).contains("securememcached_check{"));
    pod.disappear();
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.operator().get("metrics"))
                    .doesNotContain("securememcached_check{"));
  }

  /** Whoever may create a pod can give it the label of a server. */
  @Test
  void podThatOnlyLooksLikeAServerIsSentNoLogin(ApiServer server) throws IOException {
    start(server, ServedPod.start(folder), "{port: %d}");
    Scene.soon().untilAsserted(() -> assertThat(gate()).isEqualTo("True Verified"));
    try (ServerSocket thief = new ServerSocket(pod.port(), 1, InetAddress.getByName("127.0.0.2"))) {
      scene.client.resource(ServedPod.named(scene, "thief")).create();
      scene.child(Pod.class, "thief").editStatus(seen -> ServedPod.runningAt(seen, "127.0.0.2"));
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(condition(Conditions.NOT_EXPOSED))
                      .startsWith("False Exposed ")
                      .contains("Pod thief"));
      scene.annotate("cache", Requests.ROTATE, "now");
      Scene.soon().until(() -> pod.nudge() != null);
      scene.idle();
      thief.setSoTimeout(2_000);
      assertThatThrownBy(thief::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  /**
   * The StatefulSet controller takes such a pod over and then leaves it alone, as the number does
   * not fit: its controller reference is the one of a server.
   */
  @Test
  void podWithANumberThatKubernetesDoesNotGiveIsAnImpostorAndFreezesNothing(ApiServer server)
      throws IOException {
    start(server, ServedPod.start(folder), "{port: %d}");
    Scene.soon().untilAsserted(() -> assertThat(gate()).isEqualTo("True Verified"));
    try (ServerSocket thief = new ServerSocket(pod.port(), 1, InetAddress.getByName("127.0.0.3"))) {
      scene.client.resource(ServedPod.ofSet(scene, "cache-99999999999")).create();
      scene
          .child(Pod.class, "cache-99999999999")
          .editStatus(seen -> ServedPod.runningAt(seen, "127.0.0.3"));
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(condition(Conditions.NOT_EXPOSED))
                      .startsWith("False Exposed ")
                      .contains("Pod cache-99999999999: "));
      assertThat(condition(Conditions.READY)).startsWith("False ");
      scene.annotate("cache", Requests.ROTATE, "now");
      Scene.soon().until(() -> pod.nudge() != null);
      scene.idle();
      thief.setSoTimeout(2_000);
      assertThatThrownBy(thief::accept).isInstanceOf(SocketTimeoutException.class);
      assertThat(scene.resource("cache").get().getStatus().servers())
          .extracting(ServerStatus::name)
          .containsExactly("cache-0");
    }
  }

  /** It runs as the last spec wanted it, until the rollout comes to it, and so has the gate. */
  @Test
  void serverThatWaitsForItsRestartIsStillChecked(ApiServer server) throws IOException {
    start(server, ServedPod.start(folder), "{port: %d}");
    Scene.soon().untilAsserted(() -> assertThat(gate()).isEqualTo("True Verified"));
    scene.change(
        "cache",
        "{port: %d, listen: Loopback, updates: {specChanges: OnApproval}}".formatted(pod.port()));
    scene.idle();
    assertThat(condition(Conditions.SASL_ENFORCED)).startsWith("True Verified");
    scene
        .child(Pod.class, "cache-0")
        .editStatus(
            seen ->
                new PodBuilder(seen)
                    .editStatus()
                    .removeMatchingFromConditions(c -> c.getType().equals(Servers.VERIFIED))
                    .endStatus()
                    .build());
    Scene.soon().untilAsserted(() -> assertThat(gate()).isEqualTo("True Verified"));
  }

  private void start(ApiServer server, ServedPod served, String spec) throws IOException {
    pod = served;
    scene = Scene.operated(server);
    scene.createAndSettle("cache", spec.formatted(pod.port()));
    pod.appear(scene);
  }

  private static String metric(String check, String value) {
    return "securememcached_check\\{check=\"%s\",name=\"cache\",.*server=\"cache-0\"} %s"
        .formatted(check, value);
  }

  private String gate() {
    return scene.child(Pod.class, "cache-0").get().getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals(Servers.VERIFIED))
        .findFirst()
        .map(VerificationIT::text)
        .orElse("");
  }

  private static String text(PodCondition condition) {
    return condition.getStatus() + " " + condition.getReason();
  }

  private String condition(String type) {
    return scene.conditionText("cache", type);
  }

  private ServerStatus server() {
    List<ServerStatus> servers = scene.resource("cache").get().getStatus().servers();
    assertThat(servers).hasSize(1);
    return servers.getFirst();
  }
}
