package io.securememcached.operator.rotation;

import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The logins behind one user: a sasldb has one password per name, so two passwords that are valid
 * at the same time need two names.
 *
 * @param current the published login in the credentials Secret; none until every server accepts one
 * @param next in delivery to the servers; no client knows it yet
 * @param previous login that clients may still use
 * @param generation number of logins published for this user
 * @param rotatedAt when {@code current} became it
 * @param cause why the newest login was created
 * @param owed why another rotation is due once the previous login has expired, if one is
 * @param ending when all of them end, if the spec no longer has the user
 */
public record UserLogins(
    Optional<Login> current,
    Optional<Next> next,
    Optional<Previous> previous,
    int generation,
    Instant rotatedAt,
    Cause cause,
    Optional<Cause> owed,
    Optional<Ending> ending) {

  /**
   * A login in delivery.
   *
   * @param since when it was created
   */
  public record Next(Login login, Instant since) {}

  /**
   * A login that expires.
   *
   * @param since when its overlap began
   * @param validUntil when it is removed from the servers
   */
  public record Previous(Login login, Instant since, Instant validUntil) {

    /** An overlap that starts in the future starts now. */
    private Previous notAfter(Instant now) {
      return since.isAfter(now)
          ? new Previous(login, now, now.plus(Duration.between(since, validUntil)))
          : this;
    }

    /** Valid for an overlap from now on, but not shorter than announced. */
    Previous prolonged(Instant now, Duration overlap) {
      Instant until = now.plus(overlap);
      return until.isAfter(validUntil) ? new Previous(login, now, until) : this;
    }
  }

  /**
   * The end of a user who has left the spec.
   *
   * @param since when the overlap began
   * @param at when the logins are removed from the servers
   */
  public record Ending(Instant since, Instant at) {

    /** An overlap that starts in the future starts now. */
    private Ending notAfter(Instant now) {
      return since.isAfter(now) ? new Ending(now, now.plus(Duration.between(since, at))) : this;
    }

    /** Not before a time. */
    Ending notBefore(Instant time) {
      return time.isAfter(at) ? new Ending(since, time) : this;
    }
  }

  /** A user who never had a login. */
  public static UserLogins none() {
    return new UserLogins(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        Instant.EPOCH,
        Cause.Created,
        Optional.empty(),
        Optional.empty());
  }

  /** A user with a login that clients may already use. */
  public static UserLogins of(Login current, int generation, Instant since) {
    return new UserLogins(
        Optional.of(current),
        Optional.empty(),
        Optional.empty(),
        generation,
        since,
        Cause.Created,
        Optional.empty(),
        Optional.empty());
  }

  /** Every login that the servers accept for this user. */
  public Stream<Login> all() {
    return Stream.of(current, next.map(Next::login), previous.map(Previous::login))
        .flatMap(Optional::stream);
  }

  /** Whether one of the logins has this name. */
  boolean holds(String name) {
    return all().anyMatch(login -> login.name().equals(name));
  }

  /** Whether a login is the current one, or the next one where there is none yet. */
  boolean isInUse(Optional<Login> login) {
    return login.isPresent() && login.equals(current.isPresent() ? current : next.map(Next::login));
  }

  /** State of the login of a user whom the spec has. */
  public CredentialsPhase phase() {
    if (next.isPresent()) {
      return CredentialsPhase.Delivering;
    }
    if (previous.isPresent()) {
      return CredentialsPhase.Overlapping;
    }
    return current.isPresent() ? CredentialsPhase.Active : CredentialsPhase.Waiting;
  }

  /** Times in the future count as now: the clock was ahead. */
  UserLogins notAfter(Instant now) {
    return new UserLogins(
        current,
        next.map(login -> new Next(login.login(), earlier(login.since(), now))),
        previous.map(login -> login.notAfter(now)),
        generation,
        earlier(rotatedAt, now),
        cause,
        owed,
        ending.map(end -> end.notAfter(now)));
  }

  /** Ends all logins; a new one is created like the first one. */
  UserLogins ended(Instant now) {
    return new UserLogins(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        generation,
        now,
        Cause.Revoked,
        Optional.empty(),
        Optional.empty());
  }

  static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  UserLogins withNext(Login login, Instant now, Cause why) {
    return new UserLogins(
        current,
        Optional.of(new Next(login, now)),
        previous.filter(last -> !last.login().name().equals(login.name())),
        generation,
        rotatedAt,
        why,
        Optional.empty(),
        ending);
  }

  UserLogins withoutNext() {
    return new UserLogins(
        current, Optional.empty(), previous, generation, rotatedAt, cause, owed, ending);
  }

  UserLogins withCurrent(Login login, Optional<Previous> last, Instant now, Cause why) {
    return new UserLogins(
        Optional.of(login), Optional.empty(), last, generation + 1, now, why, owed, ending);
  }

  UserLogins withPrevious(Optional<Previous> last) {
    return new UserLogins(current, next, last, generation, rotatedAt, cause, owed, ending);
  }

  UserLogins withoutPrevious() {
    return withPrevious(Optional.empty());
  }

  UserLogins withOwed(Optional<Cause> why) {
    return new UserLogins(current, next, previous, generation, rotatedAt, cause, why, ending);
  }

  /** Copy with another end. */
  public UserLogins withEnding(Optional<Ending> end) {
    return new UserLogins(current, next, previous, generation, rotatedAt, cause, owed, end);
  }
}
