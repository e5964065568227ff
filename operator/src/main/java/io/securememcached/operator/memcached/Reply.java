package io.securememcached.operator.memcached;

/** Response of a server. */
public sealed interface Reply permits Response, Statistics {

  /** Status as a name. */
  default Status status() {
    return Status.of(code());
  }

  /** Status as the number that was sent. */
  int code();

  /** Whether the request succeeded. */
  default boolean ok() {
    return status() == Status.SUCCESS;
  }
}
