package io.securememcached.operator.rotation;

import io.securememcached.operator.rotation.UserLogins.Ending;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Advances the logins to their next state. Equal input gives an equal result, so an operator that
 * was killed continues where it was.
 *
 * <p>A login name belongs to one user at a time, until its login expires or is revoked; other users
 * wait for it. A user whom the spec no longer has keeps the logins for an overlap, see {@link
 * LeavingUsers}.
 */
public final class Rotation {

  private final RotationInput situation;
  private final LoginNames names;

  /** Those of the spec, then those who leave it. */
  private final Map<String, UserLogins> users = new LinkedHashMap<>();

  private final Map<String, Wait> waiting = new TreeMap<>();

  private Rotation(RotationInput situation) {
    this.situation = situation;
    this.names = new LoginNames(situation, users);
  }

  /**
   * Result of all steps that are possible now.
   *
   * @param waiting by user: what blocks the login that is due
   */
  public record Result(Logins logins, Map<String, Wait> waiting) {}

  /** Takes all steps that are possible now. */
  public static Result advance(Logins stored, RotationInput situation) {
    return new Rotation(situation).advance(stored.notAfter(situation.now()));
  }

  private Result advance(Logins logins) {
    Map<String, String> fresh = Requests.fresh(situation.requests(), logins.handled());
    for (String user : situation.users()) {
      UserLogins stays = logins.of(user).withEnding(Optional.empty());
      users.put(user, hear(prolong(stays, user), user, fresh));
    }
    LeavingUsers leaving = new LeavingUsers(situation);
    logins.users().keySet().stream()
        .filter(user -> !situation.users().contains(user))
        .filter(user -> !Requests.asks(fresh, Requests.REVOKE, user))
        .forEach(user -> users.put(user, prolong(logins.of(user), user)));
    revoke(
        situation.users().stream()
            .filter(user -> Requests.asks(fresh, Requests.REVOKE, user))
            .toList());
    Map<String, UserLogins> before;
    do {
      before = Map.copyOf(users);
      waiting.clear();
      for (String user : situation.users()) {
        users.put(user, step(users.get(user), user));
      }
      leaving.step(users);
    } while (!users.equals(before));
    boolean isRestart =
        Requests.restart(fresh, situation.users())
            || Requests.restart(fresh, logins.users().keySet());
    Logins after =
        new Logins(
            logins.changedAt(),
            logins.restarts() + (isRestart ? 1 : 0),
            situation.requests(),
            users);
    return new Result(
        logins.users().isEmpty() || after.all().equals(logins.all())
            ? after
            : after.changed(situation.now()),
        Map.copyOf(waiting));
  }

  /** When the next step is due that no event triggers. */
  public static Optional<Instant> due(Logins logins, RotationInput situation) {
    return logins.users().entrySet().stream()
        .flatMap(
            user ->
                Stream.of(
                        user.getValue().previous().map(Previous::validUntil),
                        user.getValue().ending().map(Ending::at),
                        situation
                            .interval()
                            .filter(interval -> situation.users().contains(user.getKey()))
                            .filter(interval -> !situation.provided().containsKey(user.getKey()))
                            .filter(interval -> user.getValue().current().isPresent())
                            .map(interval -> user.getValue().rotatedAt().plus(interval)))
                    .flatMap(Optional::stream))
        .filter(time -> time.isAfter(situation.now()))
        .min(Instant::compareTo);
  }

  /** The overlap starts when clients can read the new login, as the write may have failed. */
  private UserLogins prolong(UserLogins logins, String user) {
    return situation.unpublished().contains(user) && situation.users().contains(user)
        ? logins.withPrevious(
            logins.previous().map(last -> last.prolonged(situation.now(), situation.overlap())))
        : logins;
  }

  /** Records the requests; a login in delivery already satisfies them. */
  private UserLogins hear(UserLogins stored, String user, Map<String, String> fresh) {
    UserLogins logins = withoutLostNext(stored, user);
    if (Requests.asks(fresh, Requests.REVOKE, user)
        || logins.current().isEmpty()
        || logins.next().isPresent()) {
      return logins;
    }
    if (situation.lost().contains(user)) {
      return logins.withOwed(Optional.of(Cause.SecretLost));
    }
    return Requests.asks(fresh, Requests.ROTATE, user)
        ? logins.withOwed(Optional.of(Cause.Requested))
        : logins;
  }

  /**
   * Replaces a login in delivery whose sasldb was lost: whoever has the file knows it. One that was
   * created for a loss stays, and another one follows. It may be for this loss: the file is lost
   * until it can be written, and each reconciliation would replace the login again.
   */
  private UserLogins withoutLostNext(UserLogins logins, String user) {
    if (!situation.isSasldbLost()
        || logins.next().isEmpty()
        || situation.provided().containsKey(user)) {
      return logins;
    }
    UserLogins owing = logins.withOwed(Optional.of(Cause.SecretLost));
    return logins.cause() == Cause.SecretLost ? owing : owing.withoutNext();
  }

  /**
   * Ends the logins of the users, then gives each a new login if a name is free: a name that one
   * user loses, another may need.
   */
  private void revoke(List<String> revoked) {
    List<String> replaced = new ArrayList<>();
    for (String user : revoked) {
      UserLogins logins = users.get(user);
      if (situation.provided().containsKey(user)
          ? logins.isInUse(situation.provided().get(user))
          : logins.current().isEmpty()) {
        // Only its owner can change it, or no client knows it yet; the previous login ends.
        users.put(user, logins.withoutPrevious());
      } else {
        replaced.add(user);
        if (situation.provided().containsKey(user)) {
          users.put(user, logins.ended(situation.now()));
        }
      }
    }
    for (String user : replaced) {
      UserLogins logins = users.get(user);
      users.put(
          user,
          replacement(logins, user)
              .map(
                  login ->
                      logins
                          .withOwed(Optional.empty())
                          .withCurrent(login, Optional.empty(), situation.now(), Cause.Revoked))
              .orElseGet(() -> logins.ended(situation.now())));
    }
  }

  /** A login for a user whose logins are revoked; none if no name is free. */
  private Optional<Login> replacement(UserLogins logins, String user) {
    if (situation.provided().containsKey(user)) {
      return situation.provided().get(user).filter(login -> names.isFree(login.name(), user));
    }
    String current = logins.current().map(Login::name).orElseThrow();
    return logins
        .next()
        .map(Next::login)
        .or(
            () ->
                // With another password the name of an ended login may be reused.
                Stream.concat(LoginNames.others(current, user), LoginNames.of(user))
                    .filter(name -> names.isFree(name, user))
                    .findFirst()
                    .map(name -> new Login(name, situation.newPassword().get())));
  }

  private UserLogins step(UserLogins logins, String user) {
    if (logins.previous().isEmpty() && logins.next().filter(situation.proven()).isPresent()) {
      return publish(logins, logins.next().get().login(), logins.cause());
    }
    if (logins
        .previous()
        .filter(last -> !situation.now().isBefore(last.validUntil()))
        .isPresent()) {
      return logins.withoutPrevious();
    }
    if (situation.provided().containsKey(user)) {
      return situation
          .provided()
          .get(user)
          .map(login -> adoptProvided(logins.withOwed(Optional.empty()), login, user))
          .orElse(logins);
    }
    if (logins.next().isPresent() || logins.previous().isPresent()) {
      return logins;
    }
    return logins.current().isEmpty() ? first(logins, user) : start(logins, user);
  }

  private UserLogins first(UserLogins logins, String user) {
    return withNext(logins, LoginNames.of(user), user, logins.owed().orElse(Cause.Created));
  }

  private UserLogins start(UserLogins logins, String user) {
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
                withNext(
                    logins, LoginNames.others(logins.current().get().name(), user), user, cause))
        .orElse(logins);
  }

  /** Uses the first free name, else waits for the last one. */
  private UserLogins withNext(UserLogins logins, Stream<String> own, String user, Cause cause) {
    List<String> all = own.toList();
    String name =
        all.stream().filter(one -> names.isFree(one, user)).findFirst().orElseGet(all::getLast);
    Login fresh = new Login(name, situation.newPassword().get());
    return mayHave(fresh, user) ? logins.withNext(fresh, situation.now(), cause) : logins;
  }

  private UserLogins publish(UserLogins logins, Login fresh, Cause cause) {
    Instant now = situation.now();
    Optional<Previous> previous =
        logins
            .current()
            .filter(login -> !situation.overlap().isZero())
            .map(login -> new Previous(login, now, now.plus(situation.overlap())));
    return logins.withCurrent(fresh, previous, now, cause);
  }

  private UserLogins adoptProvided(UserLogins logins, Login provided, String user) {
    if (logins.current().equals(Optional.of(provided))) {
      return logins.withoutNext();
    }
    if (logins.next().map(Next::login).equals(Optional.of(provided))) {
      return logins;
    }
    if (logins.previous().map(Previous::login).filter(provided::equals).isPresent()) {
      // The servers accept it already.
      return publish(logins, provided, Cause.UserProvided);
    }
    boolean isOfCurrent =
        logins.current().filter(login -> login.name().equals(provided.name())).isPresent();
    // The previous login must stay valid until its overlap ends.
    if (logins.previous().isPresent() && !isOfCurrent || !mayHave(provided, user)) {
      return logins;
    }
    return isOfCurrent
        // A name has one password, so the previous one can't be kept.
        ? logins.withCurrent(provided, logins.previous(), situation.now(), Cause.UserProvided)
        : logins.withNext(provided, situation.now(), Cause.UserProvided);
  }

  /** Whether a user can get another login now, or has to wait. */
  private boolean mayHave(Login login, String user) {
    Optional<Wait> wait = names.wait(login, user);
    wait.ifPresent(reason -> waiting.put(user, reason));
    return wait.isEmpty();
  }
}
