package io.securememcached.operator.rotation;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Input of a rotation: what decides the next step of all users of a resource.
 *
 * @param users whom the spec gives a login, and the operator; others that have one leave
 * @param operator the one of these users whose login no client has
 * @param reserved users that no resource has, whose login names no user can get
 * @param provided by user with a user-provided Secret: its login, empty while it is unusable
 * @param lost users with a Secret that was deleted or damaged
 * @param isSasldbLost whether that is the Secret of the servers, which has the logins in delivery
 * @param unpublished users whose credentials Secret, a copy of it or the one for clients outside of
 *     the cluster does not hold their current login yet
 * @param requests see {@link Requests#among}
 * @param overlap how long the previous login, or one of a user who leaves, stays valid; zero to end
 *     it immediately
 * @param interval time between rotations, if they are scheduled
 * @param proven whether every server accepts a login
 * @param fits whether all these logins fit into a Secret
 * @param newPassword generates a password
 */
public record RotationInput(
    List<String> users,
    String operator,
    Set<String> reserved,
    Map<String, Optional<Login>> provided,
    Set<String> lost,
    boolean isSasldbLost,
    Set<String> unpublished,
    Map<String, String> requests,
    Duration overlap,
    Optional<Duration> interval,
    Predicate<UserLogins.Next> proven,
    Predicate<Collection<Login>> fits,
    Supplier<String> newPassword,
    Instant now) {

  /** Copy with another time. */
  public RotationInput at(Instant time) {
    return new RotationInput(
        users,
        operator,
        reserved,
        provided,
        lost,
        isSasldbLost,
        unpublished,
        requests,
        overlap,
        interval,
        proven,
        fits,
        newPassword,
        time);
  }
}
