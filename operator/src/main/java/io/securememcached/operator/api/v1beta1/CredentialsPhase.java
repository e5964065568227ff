package io.securememcached.operator.api.v1beta1;

/** Where in its life a user's login is; docs/credentials.md draws the states. */
public enum CredentialsPhase {
  /** The Secret that the user brought can't be used, and there was no login before. */
  Waiting,
  /** A login is on its way to the servers; clients use the one before it. */
  Delivering,
  /** Every server takes the published login, and the one before it until it runs out. */
  Overlapping,
  /** One login. */
  Active
}
