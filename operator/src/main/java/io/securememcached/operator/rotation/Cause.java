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
  /** A Secret was deleted or damaged, so somebody else may have read it. */
  SecretLost,
  /** Annotation {@code securememcached.io/revoke} asked for it. */
  Revoked,
  /** The Secret that the user brought has another login. */
  Brought,
  /** A cause that another version of the operator knows. */
  Other;

  /** The cause of a name; a name that this version does not know is {@link #Other}. */
  static Cause of(String name) {
    return Arrays.stream(values())
        .filter(cause -> cause.name().equals(name))
        .findFirst()
        .orElse(Other);
  }
}
