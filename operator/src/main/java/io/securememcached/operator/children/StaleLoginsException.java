package io.securememcached.operator.children;

import java.time.Duration;

/**
 * A Secret with logins has changed since it was read, for example by a new leader: results that are
 * based on the old version must not overwrite it.
 */
public final class StaleLoginsException extends RuntimeException {

  /** Until the Secret is read again: its event arrives by another watch. */
  public static final Duration PAUSE = Duration.ofMillis(500);

  private static final long serialVersionUID = 1L;

  StaleLoginsException(String secret, Throwable cause) {
    super("Secret " + secret + " has changed since it was read", cause);
  }
}
