package io.securememcached.operator.reconcile;

import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Limits;
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.verify.PolicyProbe;
import io.securememcached.operator.verify.ServerChecks;
import io.securememcached.operator.verify.Target;
import io.securememcached.operator.verify.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

  private static final Duration TOTAL = Duration.ofSeconds(10);

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
          TOTAL);

  private static final Logger LOG = LoggerFactory.getLogger(CheckRun.class);

  /** The operator's login and one user's, another one each time: each costs a connection. */
  static List<PlainCredentials> logins(Logins logins, int run) {
    List<Login> published = new ArrayList<>();
    logins.of(Credentials.OPERATOR_USER).current().ifPresent(published::add);
    List<Login> clients =
        logins.users().entrySet().stream()
            .filter(user -> !user.getKey().equals(Credentials.OPERATOR_USER))
            .map(Map.Entry::getValue)
            .map(UserLogins::current)
            .flatMap(Optional::stream)
            .toList();
    if (!clients.isEmpty()) {
      published.add(clients.get(run % clients.size()));
    }
    return published.stream()
        .map(login -> new PlainCredentials(login.name(), login.password()))
        .toList();
  }

  /** Runs all checks, on the caller's thread; what they found by their id. */
  Map<String, Verdict> verdicts() {
    Limits limits = wasReached ? LIMITS : FIRST_LIMITS;
    try (PolicyProbe policies = PolicyProbe.start(target.address().getAddress(), limits.quiet())) {
      Map<String, Verdict> verdicts = checks(limits);
      boolean isReached = verdicts.get(Check.REACHABLE.id()).outcome() == Outcome.PASSED;
      verdicts.put(
          Verification.POLICIES,
          isReached
              ? unlessNew(
                  isSettling, policies.verdict(), "a policy that has gone may still be in effect")
              : new Verdict(Outcome.UNKNOWN, "the server can't be reached"));
      return verdicts;
    } catch (IOException | RuntimeException e) {
      // This machine's own trouble; nothing can be told of the server. Never thrown on: a run that
      // comes to no end would be the last one of its server.
      LOG.warn("Could not check {}", target.address(), e);
      return Map.of(
          Check.REACHABLE.id(), new Verdict(Outcome.UNKNOWN, String.valueOf(e.getMessage())));
    }
  }

  private Map<String, Verdict> checks(Limits limits) {
    Map<String, Verdict> verdicts = new LinkedHashMap<>();
    for (CheckResult result : ServerChecks.run(target, limits)) {
      Verdict verdict = new Verdict(result.outcome(), result.evidence());
      verdicts.put(
          result.check().id(),
          unlessNew(
              isLoginNew && result.check() == Check.LOGIN,
              verdict,
              "a changed login may not be there yet"));
    }
    return verdicts;
  }

  /** What has just changed may not have got to where it counts: then a failure tells nothing. */
  private static Verdict unlessNew(boolean isNew, Verdict verdict, String reason) {
    return isNew && verdict.outcome() == Outcome.FAILED
        ? new Verdict(Outcome.UNKNOWN, reason)
        : verdict;
  }

  /** The checks that ended so, as a status has them. */
  static List<String> texts(Map<String, Verdict> verdicts, Outcome outcome) {
    return verdicts.entrySet().stream()
        .filter(check -> check.getValue().outcome() == outcome)
        .map(check -> check.getKey() + ": " + check.getValue().evidence())
        .toList();
  }
}
