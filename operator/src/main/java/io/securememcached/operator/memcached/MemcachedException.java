package io.securememcached.operator.memcached;

import java.io.IOException;

/**
 * No response, or an invalid one. A valid response, including a rejected login, is a {@link Reply}
 * and no exception.
 *
 * <p>The message names host, port, operation and what happened; it never holds a password.
 */
public final class MemcachedException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What went wrong, for callers that need the difference. */
  public enum Reason {
    /** The address rejected the connection, as nothing listens on the port: packets do arrive. */
    CONNECTION_REFUSED,
    /** No response to the connection request: packets are dropped, or nothing has the address. */
    CONNECT_TIMEOUT,
    /** A router or this machine reported that there is no route to the address. */
    UNREACHABLE,
    /** Connected, but the operation ran out of time. */
    TIMEOUT,
    /** The connection ended before the response did, or an earlier failure has ended it. */
    CLOSED,
    /** The server reported that it is at its connection limit ({@code -c}). */
    FULL,
    /** The thread was interrupted: nothing is known about the server. */
    INTERRUPTED,
    /** Not a response of memcached's binary protocol to the request. */
    PROTOCOL
  }

  /** In the message of {@link Reason#FULL} only. */
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
