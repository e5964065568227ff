package io.securememcached.operator.credentials;

import static io.securememcached.operator.probe.Pauses.shorter;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A write of a copy that the API server has rejected, as an admission policy or a quota does. No
 * event reports that it would be accepted now, so it is repeated, ever less often.
 *
 * @param version resourceVersion of the Secret that was rejected; a changed one is tried at once
 * @param message what the condition says of it
 * @param pause from the last try to the next
 * @param due when to try again
 */
record CopyRejection(String version, String message, Duration pause, Instant due) {

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  /**
   * The rejection of a try.
   *
   * @param last that of the try before, if it was rejected as well
   */
  static CopyRejection of(
      Optional<CopyRejection> last, String version, String message, Instant now) {
    Duration pause =
        last.filter(rejection -> rejection.version().equals(version))
            .map(rejection -> shorter(rejection.pause().multipliedBy(2), LONGEST_PAUSE))
            .orElse(FIRST_PAUSE);
    return new CopyRejection(version, message, pause, now.plus(pause));
  }

  /** Whether it is too early to try again. */
  boolean isWaiting(String version, Instant now) {
    return this.version.equals(version) && now.isBefore(due);
  }
}
