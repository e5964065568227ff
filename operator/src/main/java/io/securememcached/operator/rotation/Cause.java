package io.securememcached.operator.rotation;

import java.util.Arrays;

/** Why a login was made. */
public enum Cause {
  /** The user is new. */
  Created,
  /** Annotation {@code securememcached.io/rotate} asked for it. */
  Requested,
  /** {@code spec.rotation.interval} has passed. */
  Interval,
  /** A Secret was deleted or damaged, so its contents may be compromised. */
  SecretLost,
  /** Annotation {@code securememcached.io/revoke} asked for it. */
  Revoked,
  /** The user-provided Secret has another login. */
  UserProvided,
  /** A cause of another operator version. */
  Other;

  /** The cause of a name; an unknown name is {@link #Other}. */
  static Cause of(String name) {
    return Arrays.stream(values())
        .filter(cause -> cause.name().equals(name))
        .findFirst()
        .orElse(Other);
  }
}
