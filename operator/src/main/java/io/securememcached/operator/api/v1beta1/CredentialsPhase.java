package io.securememcached.operator.api.v1beta1;

/** State of a user's login; docs/credentials.md draws the states. */
public enum CredentialsPhase {
  /** The user-provided Secret can't be used, and there is no earlier login. */
  Waiting,
  /** A new login is being delivered to the servers; clients use the current one. */
  Delivering,
  /** Every server accepts the published login, and the previous one until it expires. */
  Overlapping,
  /** One login. */
  Active,
  /** The spec no longer has the user: the login ends after an overlap. */
  Ending
}
