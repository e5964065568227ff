package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;

/** When a server is checked again. */
class CheckStateTest {

  private static final VerificationTrigger SPEC = cause(1, List.of());
  private static final VerificationTrigger OTHER_SPEC = cause(2, List.of());
  private static final VerificationTrigger POLICY =
      cause(1, List.of(new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy allow-all", "")));
  private static final VerificationTrigger NODE_PORT =
      cause(1, List.of(new Exposure(Kind.FOREIGN_SERVICE, "Service outside", "")));

  private final SecureMemcached resource =
      Serialization.unmarshal(
          """
          metadata: {name: cache, uid: cache}
          spec: {verification: {interval: 10m}}
          """,
          SecureMemcached.class);

  private Instant now = Instant.parse("2026-11-23T12:00:00Z");
  private CheckState state = CheckState.fresh(SPEC, Instant.EPOCH);
  private Duration took = Duration.ofMillis(20);

  @Test
  void newServerIsDue() {
    assertThat(state.isDue(SPEC, now)).isTrue();
    state = state.started(SPEC, now);
    assertThat(state.isDue(OTHER_SPEC, now)).isFalse();
  }

  @Test
  void firstRunIsShortAndSoonMadeAgain() {
    assertThat(pausesAfter(passed(), 2)).satisfiesExactly(isSeconds(60, 60), isSeconds(480, 600));
  }

  @Test
  void serverThatFailsIsAskedOnceAMinute() {
    assertThat(pausesAfter(failed("login: refused"), 2))
        .containsExactly(Duration.ofMinutes(1), Duration.ofMinutes(1));
  }

  @Test
  void serverThatIsNotReachedIsAskedLessAndLess() {
    List<Duration> pauses = pausesAfter(unknown("reachable: no response"), 11);
    assertThat(pauses.subList(0, 3))
        .containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400));
    assertThat(pauses.getLast()).isEqualTo(Duration.ofSeconds(30));
  }

  /** Hanging servers take 2 s of a place each time, trickling ones 10 s. */
  @Test
  void serverThatWastesTimeIsAskedLessAndLess() {
    took = Duration.ofSeconds(2);
    assertThat(state.urgency()).isEqualTo(ServerTasks.Urgency.FIRST);
    List<Duration> pauses = pausesAfter(unknown("reachable: no data"), 9);
    assertThat(state.urgency()).isEqualTo(ServerTasks.Urgency.REPEATED);
    assertThat(pauses.subList(0, 3))
        .containsExactly(Duration.ofSeconds(4), Duration.ofSeconds(8), Duration.ofSeconds(16));
    assertThat(pauses.getLast()).isEqualTo(Duration.ofMinutes(5));
    took = Duration.ofMillis(20);
    assertThat(pausesAfter(passed(), 1)).containsExactly(Duration.ofMinutes(1));
    took = Duration.ofSeconds(2);
    assertThat(pausesAfter(unknown("reachable: no data"), 9))
        .last()
        .isEqualTo(Duration.ofMinutes(1));
  }

  /** It is as hardened as before, and takes nobody: both are to be told. */
  @Test
  void fullServerKeepsWhatWasFoundAndIsToldToBeFull() {
    check(SPEC, passed());
    Verification full = unknown("reachable: the server accepts no more connections");
    check(SPEC, full);
    assertThat(state.last()).hasValueSatisfying(found -> assertThat(found.isProven()).isTrue());
    assertThat(state.known().flatMap(Verification::exhausted)).isEqualTo(full.exhausted());
    assertThat(state.known().orElseThrow().hardeningFailures()).isEmpty();
    assertThat(pause()).isLessThanOrEqualTo(Duration.ofSeconds(30));
    check(SPEC, passed());
    assertThat(state.known().flatMap(Verification::exhausted)).isEmpty();
  }

  /** A client that holds all connections must not hide it. */
  @Test
  void failedCheckThatAFullServerLeavesUnknownIsStillAFailure() {
    check(SPEC, failed("login: refused"));
    check(SPEC, unknown("login: the server accepts no more connections"));
    assertThat(state.known().orElseThrow().hardeningFailures())
        .containsExactly(finding(Outcome.FAILED, "login: refused"));
  }

  /** Words are cheap: who was seen to be open is not called full, whatever it says. */
  @Test
  void openServerThatCallsItselfFullIsOpen() {
    check(SPEC, passed());
    Verification open =
        failed("mechanisms: PLAIN LOGIN")
            .with(finding(Outcome.UNKNOWN, "reachable: the server accepts no more connections"));
    check(SPEC, open);
    assertThat(state.known().flatMap(Verification::exhausted)).isEmpty();
    assertThat(
            unknown("known-vulnerabilities: not a memcached version: accepts no more connections")
                .exhausted())
        .isEmpty();
  }

  @Test
  void serverThatWasReachedKeepsWhatWasFound() {
    check(SPEC, passed());
    Verification proof = state.last().orElseThrow();
    check(SPEC, unknown("reachable: no response"));
    assertThat(state.last()).contains(proof);
  }

  /** Else a server would not be checked for a year. */
  @Test
  void serverThatWasCheckedInTheFutureIsDue() {
    check(SPEC, passed());
    assertThat(state.isDue(SPEC, now)).isFalse();
    assertThat(state.isDue(SPEC, now.minus(Duration.ofDays(365)))).isTrue();
    assertThat(state.isSettling(now.minus(Duration.ofDays(365)))).isFalse();
  }

  /** A plugin may be late, or ignore policies for good: that costs six runs, not one a minute. */
  @Test
  void openPoliciesAreLookedAtLessAndLess() {
    check(SPEC, passed());
    assertThat(pausesAfter(failed("policies-enforced: connection refused: 1 9"), 7))
        .satisfiesExactly(
            isSeconds(1, 1),
            isSeconds(4, 4),
            isSeconds(16, 16),
            isSeconds(64, 64),
            isSeconds(256, 256),
            isSeconds(480, 600),
            isSeconds(480, 600));
    check(OTHER_SPEC, unknown("policies-enforced: it can't be told"));
    assertThat(pause()).isEqualTo(Duration.ofSeconds(1));
  }

  /** As a new pod is not for its first moments. */
  @Test
  void serverThatWasNotReachedIsLookedAtAsOftenOnceItIs() {
    pausesAfter(unknown("reachable: no response"), 5);
    assertThat(pausesAfter(failed("policies-enforced: connection refused: 1 9"), 2))
        .satisfiesExactly(isSeconds(1, 1), isSeconds(4, 4));
  }

  /** Its effect may come after the look. */
  @Test
  void policyOfSomebodyElseIsLookedAtAgainThoughNothingGetsThrough() {
    check(SPEC, passed());
    check(POLICY, passed());
    assertThat(pause()).isEqualTo(Duration.ofSeconds(1));
    check(NODE_PORT, passed());
    assertThat(pause()).isGreaterThan(Duration.ofMinutes(1));
  }

  @Test
  void whatAGonePolicyLetInIsNoLongerAFailure() {
    check(POLICY, failed("policies-enforced: connection refused: 1 9", "login: refused"));
    state = state.started(SPEC, now);
    assertThat(state.last())
        .hasValueSatisfying(
            found -> {
              assertThat(found.findings())
                  .containsExactly(
                      finding(Outcome.FAILED, "login: refused"),
                      finding(
                          Outcome.UNKNOWN,
                          "policies-enforced: NetworkPolicies have changed since"));
            });
    assertThat(state.isSettling(now)).isTrue();
    assertThat(state.isSettling(now.plusSeconds(10))).isFalse();
  }

  @Test
  void otherChangesLeaveTheFailureAsItIs() {
    check(SPEC, failed("policies-enforced: connection refused: 1 9"));
    state = state.started(OTHER_SPEC, now);
    assertThat(state.last())
        .hasValueSatisfying(found -> assertThat(found.isRestricted()).isFalse())
        .hasValueSatisfying(found -> assertThat(found.findings()).hasSize(1));
    assertThat(state.isSettling(now)).isFalse();
  }

  /** By this clock: the logins' own time is the API server's, which may be far from it. */
  @Test
  void changedLoginsAreOnTheirWayForTwoMinutes() {
    check(SPEC, passed());
    assertThat(state.isDelivering(now)).isFalse();
    state =
        state.started(
            new VerificationTrigger(1, 0, Instant.EPOCH.plusSeconds(1), 0, List.of()), now);
    assertThat(state.isDelivering(now)).isTrue();
    assertThat(state.isDelivering(now.plusSeconds(119))).isTrue();
    assertThat(state.isDelivering(now.plusSeconds(120))).isFalse();
    assertThat(state.isDelivering(now.minus(Duration.ofDays(365)))).isFalse();
  }

  /** While it is there, what gets through is told at once. */
  @Test
  void policyThatHasComeNeedsNoTimeToSettle() {
    check(SPEC, passed());
    assertThat(state.started(POLICY, now).isSettling(now)).isFalse();
  }

  @Test
  void restartIsNoReasonToAskAgain() {
    state = CheckState.remembered(SPEC, Instant.EPOCH, passed(), true, now, resource);
    assertThat(state.next()).isAfter(now.plus(Duration.ofMinutes(5)));
    assertThat(state.isDue(SPEC, now)).isFalse();
    assertThat(state.isDue(OTHER_SPEC, now)).isTrue();
  }

  /** Once: a plugin that ignores policies does so for good. */
  @Test
  void openPoliciesAreLookedAtSoonAfterARestart() {
    Verification open = failed("policies-enforced: connection refused: 1 9");
    state = CheckState.remembered(SPEC, Instant.EPOCH, open, true, now, resource);
    assertThat(pause()).isEqualTo(Duration.ofMinutes(1));
    assertThat(pausesAfter(open, 1)).satisfiesExactly(isSeconds(480, 600));
  }

  private List<Duration> pausesAfter(Verification found, int times) {
    List<Duration> pauses = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      check(SPEC, found);
      pauses.add(pause());
      now = state.next();
    }
    return pauses;
  }

  private void check(VerificationTrigger cause, Verification found) {
    state = state.started(cause, now).ended(found, took, now, resource);
  }

  private Duration pause() {
    return Duration.between(now, state.next());
  }

  private static ThrowingConsumer<Duration> isSeconds(long from, long to) {
    return pause -> assertThat(pause).isBetween(Duration.ofSeconds(from), Duration.ofSeconds(to));
  }

  private Verification passed() {
    return new Verification(now, Quoted.of("1.6.18"), List.of());
  }

  private Verification failed(String... checks) {
    return new Verification(
        now,
        Quoted.of("1.6.18"),
        Stream.of(checks).map(check -> finding(Outcome.FAILED, check)).toList());
  }

  private Verification unknown(String check) {
    return new Verification(now, Quoted.NOTHING, List.of(finding(Outcome.UNKNOWN, check)));
  }

  private static Finding finding(Outcome outcome, String check) {
    String[] parts = check.split(": ", 2);
    return new Finding(Check.named(parts[0]).orElseThrow(), outcome, Quoted.of(parts[1]));
  }

  private static VerificationTrigger cause(long generation, List<Exposure> exposures) {
    return new VerificationTrigger(generation, 0, Instant.EPOCH, 0, exposures);
  }
}
