package io.securememcached.operator.rotation;

import io.securememcached.operator.rotation.UserLogins.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which login a user can have now: a name belongs to one user at a time, and a Secret is finite.
 */
final class LoginNames {

  /** Suffix of a user's second login name; no user name of the spec can have it. */
  private static final String SECOND = "_2";

  private final RotationInput situation;
  private final Map<String, UserLogins> users;

  /**
   * The names as they are in use.
   *
   * @param users of the spec and those who leave it, as they change
   */
  LoginNames(RotationInput situation, Map<String, UserLogins> users) {
    this.situation = situation;
    this.users = users;
  }

  /** The names that the operator assigns to a user. */
  static Stream<String> of(String user) {
    return Stream.of(user, user + SECOND);
  }

  /** The names that the operator assigns to a user, except the one in use. */
  static Stream<String> others(String current, String user) {
    return of(user).filter(name -> !name.equals(current));
  }

  /** Whether a user can use a login name. */
  boolean isFree(String name, String user) {
    return taken(name, user).isEmpty();
  }

  /** Why a user has to wait for a login, if so. */
  Optional<Wait> wait(Login login, String user) {
    return taken(login.name(), user).or(() -> noRoom(login, user));
  }

  /** A login replaces the next one, and one with the same name. */
  private Optional<Wait> noRoom(Login login, String user) {
    List<Login> logins = new ArrayList<>(List.of(login));
    users.forEach(
        (other, of) ->
            of.all()
                .filter(
                    kept ->
                        !other.equals(user)
                            || !kept.name().equals(login.name())
                                && !of.next().map(Next::login).equals(Optional.of(kept)))
                .forEach(logins::add));
    return situation.fits().test(logins) ? Optional.empty() : Optional.of(new Wait.NoRoom(logins));
  }

  /** Names are reserved for users of the spec only; one who leaves holds those in use. */
  private Optional<Wait> taken(String name, String user) {
    Optional<Wait> reserved =
        Stream.concat(
                situation.reserved().stream(),
                situation.users().stream()
                    .filter(other -> !situation.provided().containsKey(other)))
            .filter(other -> !other.equals(user))
            .filter(other -> !users.get(user).holds(name))
            .filter(other -> of(other).anyMatch(name::equals))
            .findFirst()
            .map(owner -> new Wait.NameReserved(name, owner));
    return reserved.or(
        () ->
            users.entrySet().stream()
                .filter(other -> !other.getKey().equals(user))
                .filter(other -> other.getValue().holds(name))
                .findFirst()
                .map(holder -> new Wait.NameInUse(name, holder.getKey())));
  }
}
