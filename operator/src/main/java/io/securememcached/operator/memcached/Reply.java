package io.securememcached.operator.memcached;

/** What a server answered. */
public sealed interface Reply permits Response, Statistics {

  /** Status as a name. */
  default Status status() {
    return Status.of(code());
  }

  /** Status as the number that was sent. */
  int code();

  /** Whether the server did as asked. */
  default boolean ok() {
    return status() == Status.SUCCESS;
  }
}
