package io.securememcached.operator.probe;

import java.time.Duration;

/** The bounds of a pause that grows with each repetition. */
public final class Pauses {

  private Pauses() {}

  public static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  public static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
