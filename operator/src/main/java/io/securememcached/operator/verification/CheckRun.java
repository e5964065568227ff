package io.securememcached.operator.verification;

import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Limits;
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.verify.ServerChecks;
import io.securememcached.operator.verify.ServerResult;
import io.securememcached.operator.verify.Target;
import io.securememcached.operator.verify.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the checks of one server: what is asked, and for how long.
 *
 * @param wasReached whether the server was reached before
 * @param isLoginNew whether the sasldb has just changed, so that a refused login proves nothing
 * @param isSettling whether policies have just changed, so that a connection proves nothing
 */
record CheckRun(Target target, boolean wasReached, boolean isLoginNew, boolean isSettling) {

  /** Pods of one cluster are close: what is not there by then is dropped. */
  private static final Duration QUIET = Duration.ofMillis(500);

  /** Clients wait for the first run; the next one waits longer for who should not answer. */
  private static final Duration FIRST_QUIET = Duration.ofMillis(100);

  static final Duration TOTAL = Duration.ofSeconds(10);

  /** A hardened server needs milliseconds: who wastes time before it was ever proven gets less. */
  private static final Duration FIRST_TOTAL = Duration.ofSeconds(3);

  private static final Limits LIMITS = new Limits(Timeouts.DEFAULT, QUIET, TOTAL);

  /**
   * For a server that was not reached yet: the network may not let the operator in for the first
   * moments of a pod, and TCP would try again after a second only.
   */
  private static final Limits FIRST_LIMITS =
      new Limits(
          new Timeouts(
              Duration.ofMillis(200), Timeouts.DEFAULT.silence(), Timeouts.DEFAULT.operation()),
          FIRST_QUIET,
          FIRST_TOTAL);

  private static final Logger LOG = LoggerFactory.getLogger(CheckRun.class);

  /**
   * The operator's login and one user's, another one each time, as each costs a connection; those
   * of all users until none is rejected.
   *
   * @param run how often the server was checked
   * @param ofAll whether a login was not accepted the last time
   */
  static List<PlainCredentials> logins(Logins logins, int run, boolean ofAll) {
    List<Login> published = new ArrayList<>();
    logins.of(Credentials.OPERATOR_USER).current().ifPresent(published::add);
    List<Login> clients =
        logins.users().entrySet().stream()
            .filter(user -> !user.getKey().equals(Credentials.OPERATOR_USER))
            .map(Map.Entry::getValue)
            .map(UserLogins::current)
            .flatMap(Optional::stream)
            .toList();
    if (ofAll) {
      published.addAll(clients);
    } else if (!clients.isEmpty()) {
      published.add(clients.get(run % clients.size()));
    }
    return published.stream()
        .map(login -> new PlainCredentials(login.name(), login.password()))
        .toList();
  }

  /**
   * What a run found.
   *
   * @param version of memcached as the server said; empty if it said none
   * @param verdicts one for each check that could be made
   */
  record Result(String version, Map<Check, Verdict> verdicts) {

    /** As a status has it. */
    Verification at(Instant time) {
      return new Verification(
          time,
          Quoted.of(version),
          verdicts.entrySet().stream()
              .filter(check -> check.getValue().outcome() != Outcome.PASSED)
              .map(
                  check ->
                      new Finding(
                          check.getKey(),
                          check.getValue().outcome(),
                          Quoted.of(String.valueOf(check.getValue().evidence()))))
              .toList());
    }
  }

  /** Runs all checks, on the caller's thread. */
  Result run() {
    try {
      ServerResult found = ServerChecks.run(target, wasReached ? LIMITS : FIRST_LIMITS);
      Map<Check, Verdict> verdicts = new EnumMap<>(Check.class);
      found.checks().forEach(result -> verdicts.put(result.check(), verdict(result)));
      return new Result(found.version(), verdicts);
    } catch (RuntimeException e) {
      // This machine's own trouble; nothing can be told of the server. Never thrown on: a run that
      // comes to no end would be the last one of its server.
      LOG.warn("Could not check {}", target.address(), e);
      return new Result(
          "",
          Map.of(Check.REACHABLE, new Verdict(Outcome.UNKNOWN, String.valueOf(e.getMessage()))));
    }
  }

  private Verdict verdict(CheckResult result) {
    Verdict verdict = new Verdict(result.outcome(), result.evidence());
    return switch (result.check()) {
      case LOGIN -> unlessNew(isLoginNew, verdict, "a changed login may not be delivered yet");
      case POLICIES_ENFORCED ->
          unlessNew(isSettling, verdict, "a deleted policy may still be in effect");
      default -> verdict;
    };
  }

  /** What has just changed may not have got to where it counts: then a failure tells nothing. */
  private static Verdict unlessNew(boolean isNew, Verdict verdict, String reason) {
    return isNew && verdict.outcome() == Outcome.FAILED
        ? new Verdict(Outcome.UNKNOWN, reason)
        : verdict;
  }
}
