package io.securememcached.operator.memcached;

import java.time.Duration;

/** Deadline of work over several connections, counted from its creation. */
public final class Deadline {

  /** Never over. */
  static final Deadline NONE = new Deadline(Long.MAX_VALUE);

  private final long start = System.nanoTime();
  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  /**
   * Over after this time.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public static Deadline after(Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("the time must be positive: " + duration);
    }
    return new Deadline(duration.toNanos());
  }

  /** Whether the time is over. */
  public boolean isOver() {
    return remainingNanos() <= 0;
  }

  /** Nanoseconds that are left; zero or less when it is over. */
  public long remainingNanos() {
    return nanos - (System.nanoTime() - start);
  }
}
