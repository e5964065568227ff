package io.securememcached.operator.rotation;

import io.securememcached.operator.rotation.UserLogins.Ending;
import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Users with logins whom the spec no longer has, such as the default user once others are named.
 * Their clients may not know it, so their logins end after an overlap.
 *
 * <p>The overlap begins once a user of the spec has a login: clients need another one to change to,
 * and a resource never loses its last login.
 */
final class LeavingUsers {

  private final RotationInput situation;

  LeavingUsers(RotationInput situation) {
    this.situation = situation;
  }

  /**
   * Takes the next step of each user who leaves.
   *
   * @param users of the spec and those who leave it; whoever has no login left is removed
   */
  void step(Map<String, UserLogins> users) {
    List<String> published =
        situation.users().stream()
            .filter(user -> !user.equals(situation.operator()))
            .filter(user -> users.get(user).current().isPresent())
            .toList();
    users.entrySet().removeIf(user -> isLeaving(user.getKey()) && hasNone(user.getValue()));
    users.replaceAll(
        (user, logins) -> isLeaving(user) ? withEnding(withoutNext(logins), published) : logins);
    users.entrySet().removeIf(user -> isLeaving(user.getKey()) && isOver(user.getValue()));
  }

  private boolean isLeaving(String user) {
    return !situation.users().contains(user);
  }

  /** No client knows a login in delivery. */
  private static boolean hasNone(UserLogins logins) {
    return logins.current().isEmpty() && logins.previous().isEmpty();
  }

  private UserLogins withoutNext(UserLogins logins) {
    return logins
        .withoutNext()
        .withOwed(Optional.empty())
        .withPrevious(
            logins.previous().filter(last -> situation.now().isBefore(last.validUntil())));
  }

  /**
   * With the time when all logins end.
   *
   * @param published users of the spec with a login
   */
  private UserLogins withEnding(UserLogins logins, List<String> published) {
    if (published.isEmpty()) {
      return logins.withEnding(Optional.empty());
    }
    Instant now = situation.now();
    Ending fresh = new Ending(now, now.plus(situation.overlap()));
    Ending ending = logins.ending().orElse(fresh);
    // The overlap starts when clients can read another login, as the write may have failed.
    if (situation.unpublished().containsAll(published) && fresh.at().isAfter(ending.at())) {
      ending = fresh;
    }
    return logins.withEnding(
        Optional.of(
            logins.previous().map(Previous::validUntil).map(ending::notBefore).orElse(ending)));
  }

  private boolean isOver(UserLogins logins) {
    return logins.ending().filter(end -> !situation.now().isBefore(end.at())).isPresent();
  }
}
