package io.securememcached.operator.reconcile;

import io.securememcached.operator.status.Failure;

/** A child could not be written. */
final class ChildException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  ChildException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
