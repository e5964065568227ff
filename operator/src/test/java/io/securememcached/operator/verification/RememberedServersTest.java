package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.text.Quoted;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which servers an operator asks after its start, and what it knows from the status. */
class RememberedServersTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  private final List<Runnable> asked = new ArrayList<>();
  private final ServerTasks tasks = (namespace, urgency, task) -> asked.add(task);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ServerVerifier verifier =
      new ServerVerifier(tasks, Map.of(), InstantSource.fixed(NOW), registry, pod -> true);

  /** Of a pod with both kinds of addresses, the first counts. */
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1:11211, ''",
    "fd00::1, [fd00::1]:11211, ''",
    "fd00:0:0::1, [fd00::1]:11211, ''",
    "10.0.0.1, 10.0.0.1:11211, fd00::1",
    "fd00::1, [fd00::1]:11211, 10.0.0.1"
  })
  void serverAtTheSameAddressIsNotAskedAgain(String ip, String address, String other) {
    Pod pod = pod(ip, other);
    SecureMemcached resource = resource(address);
    assertThat(verifier.verify(resource, List.of(pod), Logins.none(Map.of()), List.of()))
        .hasEntrySatisfying(
            "uid",
            found -> {
              assertThat(found.isProven()).isTrue();
              assertThat(found.version()).isEqualTo(Quoted.of("1.6.45"));
            });
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.1, 10.0.0.11:11211", "fd00::1, [fd00::11]:11211", "fd00::1, 10.0.0.1:11211"})
  void serverAtAnotherAddressIsAnother(String ip, String address) {
    Pod pod = pod(ip, "");
    verifier.verify(resource(address), List.of(pod), Logins.none(Map.of()), List.of());
    assertThat(asked).hasSize(1);
  }

  /** The status has whole seconds, and the logins' change has milliseconds. */
  @ParameterizedTest
  @CsvSource({
    "2026-11-23T11:58:00Z, true, 3600",
    "2026-11-23T11:58:55Z, true, 60",
    "2026-11-23T11:59:00.999Z, true, 60",
    "2026-11-23T11:59:01Z, false, 0"
  })
  void checkOfOtherLoginsIsRepeated(Instant changed, boolean isKnown, long atMostSeconds) {
    Pod pod = pod("10.0.0.1", "");
    SecureMemcached resource = resource("10.0.0.1:11211");
    Logins logins = new Logins(changed, 0, Map.of(), Map.of());
    assertThat(verifier.verify(resource, List.of(pod), logins, List.of()).containsKey("uid"))
        .isEqualTo(isKnown);
    assertThat(asked.isEmpty()).isEqualTo(isKnown);
    if (isKnown) {
      Instant due = verifier.due(resource, List.of(pod)).orElseThrow();
      assertThat(due).isAfter(NOW).isBeforeOrEqualTo(NOW.plusSeconds(atMostSeconds));
      assertThat(due.isAfter(NOW.plusSeconds(60))).isEqualTo(atMostSeconds > 60);
    }
  }

  /** It keeps its traffic until the check that is due at once, as with an operator that sees it. */
  @ParameterizedTest
  @CsvSource({
    "2026-11-23T11:59:30Z, 1, true",
    "2026-11-23T11:59:00Z, 1, true",
    // By a node whose clock is behind.
    "2026-11-23T11:58:51Z, 1, true",
    "2026-11-23T11:58:50Z, 1, false",
    // The counter-example, by a node whose clock is ahead: it has never ended.
    "2026-11-23T11:59:30Z, 0, false"
  })
  void serverWhoseContainerWasRestartedSinceIsAsked(
      String startedAt, int restarts, boolean isAsked) {
    Pod pod =
        new PodBuilder(pod("10.0.0.1", ""))
            .editStatus()
            .addNewContainerStatus()
            .withName("memcached")
            .withRestartCount(restarts)
            .withNewState()
            .withNewRunning()
            .withStartedAt(startedAt)
            .endRunning()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    assertThat(
            verifier.verify(
                resource("10.0.0.1:11211"), List.of(pod), Logins.none(Map.of()), List.of()))
        .containsKey("uid");
    assertThat(asked).hasSize(isAsked ? 1 : 0);
  }

  /** Another pod may get the address of the one that was verified. */
  @ParameterizedTest
  @CsvSource({"2026-11-23T11:59:00Z, true", "2026-11-23T11:59:01Z, false"})
  void serverThatWasCreatedSinceIsAnother(String createdAt, boolean isKnown) {
    Pod pod = pod("10.0.0.1", "");
    pod.getMetadata().setCreationTimestamp(createdAt);
    assertThat(
            verifier.verify(
                resource("10.0.0.1:11211"), List.of(pod), Logins.none(Map.of()), List.of()))
        .hasSize(isKnown ? 1 : 0);
    assertThat(asked).hasSize(isKnown ? 0 : 1);
  }

  /** Else the alert on it would be resolved until the next check, and begin again. */
  @Test
  void failureThatIsRememberedIsMeasuredAndCheckedSoon() {
    Pod pod = pod("10.0.0.1", "");
    SecureMemcached resource =
        resource(
            "10.0.0.1:11211",
            "{check: policies-enforced, outcome: Failed, evidence: \"connection refused: 1 9\"}");
    verifier.verify(resource, List.of(pod), Logins.none(Map.of()), List.of());
    assertThat(registry.get("securememcached.check").gauges())
        .satisfiesExactly(
            gauge -> {
              assertThat(gauge.getId().getTag("check")).isEqualTo("policies-enforced");
              assertThat(gauge.getId().getTag("server")).isEqualTo("cache-0");
              assertThat(gauge.value()).isZero();
            });
    assertThat(registry.get("securememcached.proof.age").gauge().value()).isEqualTo(60);
    assertThat(asked).isEmpty();
    assertThat(verifier.due(resource, List.of(pod))).contains(NOW.plusSeconds(60));
    verifier.forget(pod);
    assertThat(registry.getMeters()).isEmpty();
  }

  /** The counter-example. */
  @Test
  void serverThatPassedIsCheckedWhenItIsDue() {
    Pod pod = pod("10.0.0.1", "");
    SecureMemcached resource = resource("10.0.0.1:11211");
    verifier.verify(resource, List.of(pod), Logins.none(Map.of()), List.of());
    assertThat(registry.find("securememcached.check").gauges()).isEmpty();
    assertThat(verifier.due(resource, List.of(pod)).orElseThrow()).isAfter(NOW.plusSeconds(5 * 60));
  }

  /** Each as it runs: it may not have restarted since spec.listen changed. */
  @ParameterizedTest
  @EnumSource
  void serverIsAskedUnlessItListensOnLoopback(Listen wanted) {
    SecureMemcached resource = Fleet.resource("{replicas: 2, listen: %s}".formatted(wanted));
    Pod loopback = ServedPod.listening(pod("10.0.0.1", ""), "cache-0", "127.0.0.1");
    verifier.verify(resource, List.of(loopback), Logins.none(Map.of()), List.of());
    assertThat(asked).isEmpty();
    Pod reachable = ServedPod.listening(pod("10.0.0.1", ""), "cache-1", "$(POD_IP),127.0.0.1");
    verifier.verify(resource, List.of(loopback, reachable), Logins.none(Map.of()), List.of());
    assertThat(asked).hasSize(1);
  }

  /** Whoever may write a pod's status writes anything. */
  @Test
  void addressThatIsNoneIsAskedNothing() {
    Pod pod = pod("localhost", "");
    verifier.verify(resource("localhost:11211"), List.of(pod), Logins.none(Map.of()), List.of());
    assertThat(asked).isEmpty();
  }

  private static SecureMemcached resource(String address) {
    return resource(address, "");
  }

  private static SecureMemcached resource(String address, String checks) {
    return Serialization.unmarshal(
        """
        metadata: {name: cache, namespace: shop, uid: cache, generation: 1}
        spec: {}
        status:
          observedGeneration: 1
          servers:
            - name: cache-0
              address: "%s"
              ready: true
              version: 1.6.45
              verifiedAt: "2026-11-23T11:59:00Z"
              checks: [%s]
        """
            .formatted(address, checks),
        SecureMemcached.class);
  }

  private static Pod pod(String ip, String other) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("cache-0")
        .withUid("uid")
        .withCreationTimestamp("2026-11-23T11:00:00Z")
        .endMetadata()
        .withNewStatus()
        .withPodIP(ip)
        .addNewPodIP(ip)
        .addNewPodIP(other)
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .endStatus()
        .build();
  }
}
