package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.Timeouts;
import java.time.Duration;

/**
 * How long a run may wait.
 *
 * @param connection for each connection and each operation on it
 * @param quiet for answers of those of whom none is expected: UDP and other ports. They wait beside
 *     the rest of the run, from its start
 * @param total for the whole run
 */
public record Limits(Timeouts connection, Duration quiet, Duration total) {

  /** Half a second of quiet, ten seconds in all; a hardened server takes some milliseconds. */
  public static final Limits DEFAULT =
      new Limits(Timeouts.DEFAULT, Duration.ofMillis(500), Duration.ofSeconds(10));

  /**
   * Refuses waits that could not end.
   *
   * @throws IllegalArgumentException if one of them is not positive
   */
  public Limits {
    if (!quiet.isPositive() || !total.isPositive()) {
      throw new IllegalArgumentException("times must be positive: " + quiet + ", " + total);
    }
  }
}
