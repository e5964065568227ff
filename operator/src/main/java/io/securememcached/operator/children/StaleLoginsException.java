package io.securememcached.operator.children;

import java.time.Duration;

/**
 * A Secret with logins was written by somebody else after it was read, such as by an operator that
 * leads by now: what was made of it must not be written over that.
 */
public final class StaleLoginsException extends RuntimeException {

  /** Until the Secret is read again: the event that brings it comes on another way. */
  public static final Duration PAUSE = Duration.ofMillis(500);

  private static final long serialVersionUID = 1L;

  StaleLoginsException(String secret, Throwable cause) {
    super("Secret " + secret + " has changed since it was read", cause);
  }
}
