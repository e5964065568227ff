package io.securememcached.operator.rotation;

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
  Brought
}
