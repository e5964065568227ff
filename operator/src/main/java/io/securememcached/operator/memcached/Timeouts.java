package io.securememcached.operator.memcached;

import java.time.Duration;

/**
 * Time-outs of a client.
 *
 * @param connect for the connection to be made
 * @param silence for the next byte to move in either direction
 * @param operation for a whole operation, request and response: it limits a server that sends a
 *     byte now and then
 */
public record Timeouts(Duration connect, Duration silence, Duration operation) {

  /** One second for each wait, three for an operation: pods of one cluster are close. */
  public static final Timeouts DEFAULT =
      new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(3));

  /**
   * Rejects waits without end.
   *
   * @throws IllegalArgumentException if one of them is not positive
   */
  public Timeouts {
    requirePositive("connect", connect);
    requirePositive("silence", silence);
    requirePositive("operation", operation);
  }

  private static void requirePositive(String what, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("the " + what + " time-out must be positive: " + duration);
    }
  }
}
