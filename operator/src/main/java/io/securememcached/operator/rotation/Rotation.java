package io.securememcached.operator.rotation;

import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Takes logins from one step of their life to the next. The same situation gives the same step, so
 * an operator that was killed goes on where it was.
 */
public final class Rotation {

  /** Behind the name of a user's second login; no user name of the spec can end so. */
  private static final String SECOND = "_2";

  private Rotation() {}

  /** All steps that can be taken now. */
  public static Logins advance(Logins logins, Situation situation) {
    Map<String, String> fresh = Requests.fresh(situation.requests(), logins.handled());
    Map<String, UserLogins> users = new TreeMap<>();
    for (String user : situation.users()) {
      UserLogins asked = hear(prolong(logins.of(user), user, situation), user, situation, fresh);
      UserLogins before;
      do {
        before = asked;
        asked = step(before, user, situation);
      } while (!asked.equals(before));
      users.put(user, asked);
    }
    Logins after =
        new Logins(
            logins.changedAt(),
            logins.restarts() + (Requests.restart(fresh, situation.users()) ? 1 : 0),
            situation.requests(),
            users);
    return logins.users().isEmpty() || after.all().equals(logins.all())
        ? after
        : after.changed(situation.now());
  }

  /** When a step is due that no event brings. */
  public static Optional<Instant> due(Logins logins, Situation situation) {
    return logins.users().entrySet().stream()
        .flatMap(
            user ->
                Stream.concat(
                    user.getValue().previous().map(Previous::validUntil).stream(),
                    situation.interval().stream()
                        .filter(interval -> !situation.brought().containsKey(user.getKey()))
                        .filter(interval -> user.getValue().current().isPresent())
                        .map(interval -> user.getValue().rotatedAt().plus(interval))))
        .filter(time -> time.isAfter(situation.now()))
        .min(Instant::compareTo);
  }

  /** The overlap counts from when clients could read the new login: the write may have failed. */
  private static UserLogins prolong(UserLogins logins, String user, Situation situation) {
    return situation.unpublished().contains(user)
        ? logins.withPrevious(
            logins
                .previous()
                .map(last -> new Previous(last.login(), situation.now().plus(situation.overlap()))))
        : logins;
  }

  /** Takes note of what is asked for: a login that is on its way already answers it. */
  private static UserLogins hear(
      UserLogins logins, String user, Situation situation, Map<String, String> fresh) {
    if (Requests.asks(fresh, Requests.REVOKE, user)) {
      return revoke(logins, user, situation);
    }
    if (logins.current().isEmpty() || logins.next().isPresent()) {
      return logins;
    }
    if (situation.lost().contains(user)) {
      return logins.withOwed(Optional.of(Cause.SecretLost));
    }
    return Requests.asks(fresh, Requests.ROTATE, user)
        ? logins.withOwed(Optional.of(Cause.Requested))
        : logins;
  }

  private static UserLogins revoke(UserLogins logins, String user, Situation situation) {
    if (logins.current().isEmpty()) {
      return logins;
    }
    if (situation.brought().containsKey(user)) {
      // Only its owner can change it; what came before it ends here.
      return logins.withoutPrevious();
    }
    Login fresh =
        logins
            .next()
            .map(UserLogins.Next::login)
            .orElseGet(() -> other(logins.current().get(), user, situation));
    return logins
        .withOwed(Optional.empty())
        .withCurrent(fresh, Optional.empty(), situation.now(), Cause.Revoked);
  }

  private static UserLogins step(UserLogins logins, String user, Situation situation) {
    if (logins.next().filter(situation.proven()).isPresent()) {
      return publish(logins, situation);
    }
    if (logins
        .previous()
        .filter(last -> !situation.now().isBefore(last.validUntil()))
        .isPresent()) {
      return logins.withoutPrevious();
    }
    if (situation.brought().containsKey(user)) {
      return situation
          .brought()
          .get(user)
          .map(login -> bring(logins.withOwed(Optional.empty()), login, situation.now()))
          .orElse(logins);
    }
    if (logins.next().isPresent() || logins.previous().isPresent()) {
      return logins;
    }
    if (logins.current().isEmpty()) {
      return logins.withNext(
          new Login(user, situation.newPassword().get()), situation.now(), Cause.Created);
    }
    return start(logins, user, situation);
  }

  private static UserLogins start(UserLogins logins, String user, Situation situation) {
    Optional<Cause> due =
        situation
            .interval()
            .filter(time -> !situation.now().isBefore(logins.rotatedAt().plus(time)))
            .map(time -> Cause.Interval);
    return logins
        .owed()
        .or(() -> due)
        .map(
            cause ->
                logins.withNext(
                    other(logins.current().get(), user, situation), situation.now(), cause))
        .orElse(logins);
  }

  private static UserLogins publish(UserLogins logins, Situation situation) {
    Login fresh = logins.next().get().login();
    Optional<Previous> previous =
        logins
            .current()
            .filter(login -> !situation.overlap().isZero())
            .map(login -> new Previous(login, situation.now().plus(situation.overlap())));
    return logins.withCurrent(fresh, previous, situation.now(), logins.cause());
  }

  private static UserLogins bring(UserLogins logins, Login brought, Instant now) {
    if (logins.current().equals(Optional.of(brought))) {
      return logins.withoutNext();
    }
    if (logins.next().map(UserLogins.Next::login).equals(Optional.of(brought))) {
      return logins;
    }
    if (logins.current().filter(login -> login.name().equals(brought.name())).isPresent()) {
      // One name has one password: the old one can't be kept beside it.
      return logins.withCurrent(brought, logins.previous(), now, Cause.Brought);
    }
    return logins.withNext(brought, now, Cause.Brought);
  }

  private static Login other(Login current, String user, Situation situation) {
    return new Login(
        current.name().equals(user) ? user + SECOND : user, situation.newPassword().get());
  }
}
