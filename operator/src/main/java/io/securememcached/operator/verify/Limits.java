package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.Timeouts;
import java.time.Duration;

/**
 * Time limits of a run.
 *
 * @param connection for each connection and each operation on it
 * @param quiet for responses that are not expected: UDP and other ports. These wait in parallel
 *     with the rest of the run, from its start
 * @param total for the whole run
 */
public record Limits(Timeouts connection, Duration quiet, Duration total) {

  /**
   * Half a second for silent ports, ten seconds in total; a hardened server takes some
   * milliseconds.
   */
  public static final Limits DEFAULT =
      new Limits(Timeouts.DEFAULT, Duration.ofMillis(500), Duration.ofSeconds(10));

  /**
   * Rejects waits without end.
   *
   * @throws IllegalArgumentException if one of them is not positive
   */
  public Limits {
    if (!quiet.isPositive() || !total.isPositive()) {
      throw new IllegalArgumentException("times must be positive: " + quiet + ", " + total);
    }
  }
}
