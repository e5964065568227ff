package io.securememcached.operator.e2e;

import java.time.Duration;

/** Says how long something took, in the output of the tests. */
final class Figure {

  private final String what;
  private final long started = System.nanoTime();

  private Figure(String what) {
    this.what = what;
  }

  /** Starts the clock. */
  static Figure of(String what) {
    return new Figure(what);
  }

  /** Stops the clock and says the time. */
  Duration done() {
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    System.out.printf("  %s: %.2f s%n", what, took.toMillis() / 1000.0);
    return took;
  }
}
