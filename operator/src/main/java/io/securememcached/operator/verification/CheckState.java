package io.securememcached.operator.verification;

import static io.securememcached.operator.probe.Pauses.longer;
import static io.securememcached.operator.probe.Pauses.shorter;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the checks of one server have come to, and when the next one is due.
 *
 * @param cause what the last check was made for
 * @param running whether one is under way
 * @param runs how often it was checked
 * @param misses how often in a row it was not reached
 * @param looks how often since the cause policies were open, as a plugin's delay may have it
 * @param wastes how often in a row it took its time and was not proven
 * @param policiesAt when policies of others were seen to change
 * @param loginsAt when the logins were seen to change: by this clock, as the one that the logins
 *     have is the API server's
 * @param next when to check it without another cause
 * @param last what was found when it was reached last, or at first
 * @param full what the last run came to, if the server took no more connections
 */
record CheckState(
    VerificationTrigger cause,
    boolean running,
    int runs,
    int misses,
    int looks,
    int wastes,
    Instant policiesAt,
    Instant loginsAt,
    Instant next,
    Optional<Verification> last,
    Optional<Finding> full) {

  /**
   * A server that fails is checked once a minute: that is eight connections, and nothing but a
   * change puts it right. So is one that has passed its first, short run.
   */
  private static final Duration SOON = Duration.ofMinutes(1);

  /** A server that can't be reached costs one connection; it may just have started. */
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);

  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  /** A network plugin may be a moment behind the policies, or ignore them for good. */
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);

  /** Until then a connection that no policy lets in any more proves nothing. */
  private static final Duration SETTLING = Duration.ofSeconds(10);

  /** How long a changed sasldb may take to a server: until then a refused login proves nothing. */
  private static final Duration DELIVERY = Duration.ofMinutes(2);

  /** A server that answers, or drops what no policy lets in, is done by then. */
  private static final Duration WASTE = Duration.ofMillis(1500);

  /** Longest pause for a server that wastes time; a change of it makes a check due all the same. */
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** So many that pauses grow no more: a restart is no reason to ask again. */
  private static final int MANY = 10;

  /** Of a server that was not checked yet: it is due. */
  static CheckState fresh(VerificationTrigger cause, Instant loginsAt) {
    return new CheckState(
        cause,
        false,
        0,
        0,
        0,
        0,
        Instant.EPOCH,
        loginsAt,
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Of a server that was found so before the operator was restarted. Open policies are looked at
   * soon, but no more often than after many looks: a plugin may have been late.
   *
   * @param isOfCause whether it was surely found for this cause; if not, it is checked soon
   */
  static CheckState remembered(
      VerificationTrigger cause,
      Instant loginsAt,
      Verification found,
      boolean isOfCause,
      Instant now,
      SecureMemcached primary) {
    Instant usual = found.at().plus(pause(primary, found, MANY, MANY, false));
    Instant soon = now.plus(SOON);
    Instant next = isOfCause && found.isRestricted() || usual.isBefore(soon) ? usual : soon;
    return new CheckState(
        cause,
        false,
        0,
        MANY,
        MANY,
        0,
        Instant.EPOCH,
        loginsAt,
        next,
        Optional.of(found),
        found.exhausted());
  }

  boolean isDue(VerificationTrigger now, Instant time) {
    // A check in the future was made by a clock that was wrong, and so was the next one's time.
    return !running
        && (!cause.equals(now)
            || !time.isBefore(next)
            || last.filter(found -> found.at().isAfter(time)).isPresent());
  }

  /** The next check begins. */
  CheckState started(VerificationTrigger now, Instant time) {
    boolean isOther = !cause.policies().equals(now.policies());
    return new CheckState(
        now,
        true,
        runs + 1,
        misses,
        cause.equals(now) ? looks : 0,
        wastes,
        isOther ? time : policiesAt,
        cause.loginsAt().equals(now.loginsAt()) ? loginsAt : time,
        next,
        isOther ? last.map(Verification::withPoliciesOpen) : last,
        full);
  }

  /**
   * The check has ended. A server that was reached once and is not now, or takes no more
   * connections, keeps what was found.
   *
   * @param took how long the check ran
   */
  CheckState ended(Verification found, Duration took, Instant time, SecureMemcached primary) {
    boolean isFirst = !wasReached();
    Optional<Finding> exhausted = found.exhausted();
    boolean isWaste = !found.isProven() && took.compareTo(WASTE) > 0;
    int wasted = isWaste ? wastes + 1 : 0;
    boolean isSettled = found.isRestricted() && cause.policies().isEmpty();
    int missed = found.isReached() ? 0 : misses + 1;
    int looked = isSettled ? 0 : found.isReached() ? looks + 1 : looks;
    return new CheckState(
        cause,
        false,
        runs,
        missed,
        looked,
        wasted,
        policiesAt,
        loginsAt,
        time.plus(
            isWaste
                ? longer(pause(primary, found, missed, looked, isFirst), backOff(took, wasted))
                : pause(primary, found, missed, looked, isFirst)),
        found.isReached() && exhausted.isEmpty() || isFirst
            ? Optional.of(found.orVersion(version()))
            : last,
        exhausted);
  }

  /** What is known now: what was found, and whether the server takes connections. */
  Optional<Verification> known() {
    return last.map(
        found ->
            full.filter(now -> found.exhausted().isEmpty())
                // A server that was seen to be open stays open, however full it is now.
                .filter(now -> found.failure(now.check()).isEmpty())
                .map(found::with)
                .orElse(found));
  }

  /** Clients may wait for it; but not for one that wastes time. */
  ServerTasks.Urgency urgency() {
    return wasReached() || wastes > 0 ? ServerTasks.Urgency.REPEATED : ServerTasks.Urgency.FIRST;
  }

  /** Twice as long as the run took, then ever longer; a server that was proven may come back. */
  private Duration backOff(Duration took, int wasted) {
    return shorter(took.multipliedBy(1L << Math.min(wasted, MANY)), wasReached() ? SOON : LONGEST);
  }

  private Quoted version() {
    return last.map(Verification::version).orElse(Quoted.NOTHING);
  }

  boolean wasReached() {
    return last.filter(Verification::isReached).isPresent();
  }

  /** Whether the last check found a login that the server did not accept. */
  boolean isLoginDoubtful() {
    return last.filter(Verification::isReached)
        .flatMap(found -> found.finding(Check.LOGIN))
        .isPresent();
  }

  /** Whether the logins have changed just now, and may not have got to the server. */
  boolean isDelivering(Instant time) {
    return !time.isBefore(loginsAt) && time.isBefore(loginsAt.plus(DELIVERY));
  }

  /** Whether a policy of somebody else has gone just now, and its effect may not. */
  boolean isSettling(Instant time) {
    return cause.policies().isEmpty()
        && !time.isBefore(policiesAt)
        && time.isBefore(policiesAt.plus(SETTLING));
  }

  /** Spread over the last fifth of the interval, so that a fleet is not checked at one moment. */
  private static Duration pause(
      SecureMemcached primary, Verification found, int misses, int looks, boolean isFirst) {
    if (!found.isReached()) {
      return shorter(FIRST_RETRY.multipliedBy(1L << Math.min(misses - 1, MANY)), LAST_RETRY);
    }
    Duration interval = primary.getSpec().verification().intervalDuration();
    int seed = found.at().hashCode() + primary.getMetadata().getUid().hashCode();
    Duration pause =
        !found.isProven() || isFirst
            ? SOON
            : interval.minusSeconds(Math.floorMod(seed, interval.toSeconds() / 5 + 1));
    return looks == 0
        ? pause
        : shorter(FIRST_LOOK.multipliedBy(1L << 2 * Math.min(looks - 1, MANY)), pause);
  }
}
