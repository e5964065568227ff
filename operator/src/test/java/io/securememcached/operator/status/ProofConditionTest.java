package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.CheckStatus;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Conditions SASLEnforced and NetworkRestricted. */
class ProofConditionTest extends StatusFixture {

  @Test
  void saysWhichServerFailedWhichCheck() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON)
                .with(failed(Check.POLICIES_ENFORCED, "connection refused: 1 9"))
                .with(failed(Check.UDP_OFF, "answered")));
    SecureMemcachedStatus status =
        status(set(2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());

    assertThat(condition(status, "SASLEnforced"))
        .isEqualTo("False CheckFailed sessions-1: udp-off: answered");
    assertThat(condition(status, "NetworkRestricted"))
        .isEqualTo(
            "False PoliciesNotEnforced sessions-1: policies-enforced: connection refused: 1 9");
    assertThat(condition(status, "Ready"))
        .isEqualTo("False CheckFailed sessions-1: udp-off: answered");
    assertThat(status.servers().get(1).checks())
        .containsExactly(
            new CheckStatus("udp-off", "Failed", Quoted.of("answered")),
            new CheckStatus("policies-enforced", "Failed", Quoted.of("connection refused: 1 9")));
  }

  /** Who blames the network plugin then may be wrong, and replaces it in vain. */
  @Test
  void policyOfSomebodyElseMayBeWhyConnectionsGetThrough() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON).with(failed(Check.POLICIES_ENFORCED, "connection refused: 1 9")));
    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    assertThat(
            condition(
                status(set(2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty()),
                "NetworkRestricted"))
        .isEqualTo(
            "False Exposed NetworkPolicy all exposes the servers (see NotExposed); NetworkPolicy enforcement can't be verified until it is removed. sessions-1: policies-enforced: connection refused: 1 9");
    exposures = List.of(new Exposure(Kind.FOREIGN_SERVICE, "Service all", "has a node's port"));
    assertThat(
            condition(
                status(set(2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty()),
                "NetworkRestricted"))
        .startsWith("False PoliciesNotEnforced sessions-1: ");
  }

  @Test
  void proofThatIsTooOldIsUnknown() {
    List<Pod> pods = List.of(pod(1, true), pod(0, true));
    verifications = Map.of("uid-0", passed(NOON), "uid-1", passed(NOON.minusSeconds(1799)));
    assertThat(condition(status(set(2, 2), pods, Optional.empty()), "SASLEnforced"))
        .startsWith("True Verified");
    verifications = Map.of("uid-0", passed(NOON), "uid-1", passed(NOON.minusSeconds(1801)));
    assertThat(condition(status(set(2, 2), pods, Optional.empty()), "SASLEnforced"))
        .isEqualTo(
            "Unknown VerificationExpired sessions-1 was last verified at 2026-11-22T11:29:59Z, more than two verification intervals ago.");
  }

  /** Nothing is wrong with what it was seen to do, and no client gets in. */
  @Test
  void fullServerIsToldWithAWayOut() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON)
                .with(
                    new Finding(
                        Check.REACHABLE,
                        Outcome.UNKNOWN,
                        Quoted.of(
                            "10.0.0.2:11211: VERSION: the server accepts no more connections"))));
    SecureMemcachedStatus status =
        status(set(2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());
    assertThat(condition(status, "SASLEnforced"))
        .startsWith("Unknown ConnectionsExhausted sessions-1 accepts no more connections")
        .contains("spec.maxConnections (1024)", "Close idle client connections or raise");
    assertThat(condition(status, "Ready")).startsWith("False ConnectionsExhausted sessions-1");
    SecureMemcachedStatus before = SecureMemcachedStatus.empty();
    assertThat(ConditionChange.between(before.conditions(), status.conditions()))
        .extracting(ConditionChange::reason, ConditionChange::isWarning)
        .contains(tuple("ConnectionsExhausted", true));
  }

  /** Nothing is checked then, for as long as it takes. */
  @ParameterizedTest
  @CsvSource({"spec.image.flavor: 'Later', 15m", "spec.verification.interval: '1d', 1d"})
  void proofExpiresWhileTheSpecIsUnreadable(String field, String interval) {
    List<Pod> pods = List.of(pod(1, true), pod(0, true));
    verifications = Map.of("uid-0", passed(NOON.minusSeconds(60)), "uid-1", passed(NOON));
    primary.setStatus(status(set(2, 2), pods, Optional.empty()));
    primary.setUnreadable(List.of(field));
    primary.setSpec(
        Fleet.resource("{replicas: 2, verification: {interval: %s}}".formatted(interval))
            .getSpec());

    assertThat(unreadable(1739).conditions())
        .filteredOn(condition -> condition.getReason().equals("Verified"))
        .extracting(Condition::getType, Condition::getStatus)
        .containsExactly(tuple("SASLEnforced", "True"), tuple("NetworkRestricted", "True"));
    SecureMemcachedStatus expired = unreadable(1741);
    for (String proof : List.of("SASLEnforced", "NetworkRestricted")) {
      assertThat(condition(expired, proof))
          .isEqualTo(
              "Unknown VerificationExpired sessions-0 was last verified at 2026-11-22T11:59:00Z, more than two verification intervals ago.");
    }
    assertThat(condition(expired, "NotExposed")).startsWith("True");
    primary.setStatus(expired);
    assertThat(unreadable(86_400)).as("no write twice").isEqualTo(expired);
  }

  @Test
  void failureStaysWhileTheSpecIsUnreadable() {
    verifications =
        Map.of(
            "uid-0", passed(NOON).with(failed(Check.UDP_OFF, "answered")), "uid-1", passed(NOON));
    primary.setStatus(status(set(2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty()));
    primary.setUnreadable(List.of("spec.image.flavor: 'Later'"));
    assertThat(condition(unreadable(86_400), "SASLEnforced"))
        .isEqualTo("False CheckFailed sessions-0: udp-off: answered");
  }

  /** After so many seconds. */
  private SecureMemcachedStatus unreadable(long seconds) {
    return StatusBuilder.build(
        facts(
            set(2, 2),
            List.of(pod(1, true), pod(0, true)),
            Optional.of(new Failure(Stage.CREDENTIALS, Reason.SpecUnreadable, "not supported")),
            NOON.plusSeconds(seconds)));
  }

  /** Scaling in just after a server was replaced. */
  @Test
  void serverThatTerminatesProvesNothingOfARequestedOne() {
    List<Pod> pods = List.of(pod(2, true), pod(1, true), pod(0, true));
    verifications = Map.of("uid-0", passed(NOON), "uid-2", passed(NOON));
    assertThat(condition(status(set(3, 3), pods, Optional.empty()), "SASLEnforced"))
        .isEqualTo("Unknown NotVerified SASL enforcement verified on 1 of 2 servers.");
    assertThat(condition(status(set(3, 3), pods, Optional.empty()), "NetworkRestricted"))
        .isEqualTo("Unknown NotVerified NetworkPolicy enforcement verified on 1 of 2 servers.");

    // It still has clients.
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON),
            "uid-2",
            passed(NOON).with(failed(Check.UDP_OFF, "answered")));
    assertThat(condition(status(set(3, 3), pods, Optional.empty()), "SASLEnforced"))
        .isEqualTo("False CheckFailed sessions-2: udp-off: answered");
    verifications = Map.of("uid-0", passed(NOON), "uid-1", passed(NOON));
    assertThat(condition(status(set(3, 3), pods, Optional.empty()), "SASLEnforced"))
        .isEqualTo("True Verified SASL enforcement verified on 2 of 2 servers.");
  }

  @Test
  void serverThatWasNotReachedProvesNothing() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON)
                .with(new Finding(Check.REACHABLE, Outcome.UNKNOWN, Quoted.of("timed out"))));
    SecureMemcachedStatus status =
        status(set(2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());
    assertThat(condition(status, "SASLEnforced"))
        .isEqualTo("Unknown NotVerified SASL enforcement verified on 1 of 2 servers.");
  }

  @Test
  void serversOnLoopbackCannotBeReached() {
    primary.setSpec(
        Serialization.unmarshal("{\"spec\": {\"listen\": \"Loopback\"}}", SecureMemcached.class)
            .getSpec());
    verifications = Map.of();
    assertThat(
            condition(status(set(1, 1), List.of(pod(0, true)), Optional.empty()), "SASLEnforced"))
        .startsWith("Unknown NotVerifiable");
  }

  /** Some may not have restarted since spec.listen was changed, in either direction. */
  @ParameterizedTest
  @EnumSource
  void eachServerCountsByWhereItListens(Listen wanted) {
    primary.setSpec(Fleet.resource("{replicas: 2, listen: %s}".formatted(wanted)).getSpec());
    List<Pod> mixed = List.of(listening(0, "127.0.0.1"), listening(1, "$(POD_IP),127.0.0.1"));
    verifications = Map.of();
    assertThat(saslEnforced(mixed))
        .isEqualTo("Unknown NotVerified SASL enforcement verified on 0 of 2 servers.");
    verifications = Map.of("uid-1", passed(NOON));
    assertThat(saslEnforced(mixed))
        .isEqualTo(
            "Unknown NotVerifiable SASL enforcement verified on 1 of 2 servers. Not verifiable, as they listen on 127.0.0.1 only: 1.");
    verifications = Map.of("uid-1", passed(NOON).with(failed(Check.UDP_OFF, "answered")));
    assertThat(saslEnforced(mixed)).isEqualTo("False CheckFailed sessions-1: udp-off: answered");

    verifications = Map.of("uid-0", passed(NOON), "uid-1", passed(NOON));
    assertThat(saslEnforced(List.of(listening(0, "$(POD_IP)"), listening(1, "$(POD_IP)"))))
        .isEqualTo("True Verified SASL enforcement verified on 2 of 2 servers.");
    verifications = Map.of();
    assertThat(saslEnforced(List.of(listening(0, "127.0.0.1"), listening(1, "127.0.0.1"))))
        .isEqualTo(
            wanted == Listen.Loopback
                ? "Unknown NotVerifiable Not verifiable: the servers listen on 127.0.0.1 only (spec.listen is Loopback)."
                : "Unknown NotVerifiable SASL enforcement verified on 0 of 2 servers. Not verifiable, as they listen on 127.0.0.1 only: 2.");
  }

  private String saslEnforced(List<Pod> pods) {
    return condition(status(set(2, 2), pods, Optional.empty()), "SASLEnforced");
  }

  private static Pod listening(int number, String addresses) {
    return new PodBuilder(runs(pod(number, true), ""))
        .editSpec()
        .editFirstContainer()
        .withArgs("-l", addresses)
        .endContainer()
        .endSpec()
        .build();
  }
}
