package io.securememcached.operator.memcached;

import java.io.IOException;

/**
 * No answer, or none that can be understood. What a server answers in the protocol, a refused login
 * too, is a {@link Reply} and no exception.
 *
 * <p>The message names host, port, operation and what happened; it never holds a password.
 */
public final class MemcachedException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What went wrong, for callers to whom the difference tells something. */
  public enum Reason {
    /** The address answered that nothing listens on the port: packets do get there. */
    CONNECTION_REFUSED,
    /** No answer to the request for a connection: packets are dropped, or nobody is there. */
    CONNECT_TIMEOUT,
    /** A router or this machine answered that there is no way to the address. */
    UNREACHABLE,
    /** Connected, but the operation ran out of time. */
    TIMEOUT,
    /** The connection ended before the response did, or an earlier failure has ended it. */
    CLOSED,
    /** The server has as many connections as it may have ({@code -c}), and said so. */
    FULL,
    /** The thread was interrupted: nothing can be told of the server. */
    INTERRUPTED,
    /** What came is no response of memcached's binary protocol to what was asked. */
    PROTOCOL
  }

  /** In the message of {@link Reason#FULL}, and of nothing else that went wrong. */
  public static final String NO_MORE_CONNECTIONS = "accepts no more connections";

  private final Reason reason;

  MemcachedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  MemcachedException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What went wrong. */
  public Reason reason() {
    return reason;
  }
}
