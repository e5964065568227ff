package io.securememcached.operator.metrics;

/** A statistic that can't be read, or a missing one that each server gives. */
final class InvalidStatisticException extends Exception {

  private static final long serialVersionUID = 1L;

  InvalidStatisticException(String message) {
    super(message);
  }
}
