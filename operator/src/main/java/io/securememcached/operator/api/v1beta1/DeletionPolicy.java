package io.securememcached.operator.api.v1beta1;

/** What becomes of the Secrets when the resource is deleted. */
public enum DeletionPolicy {
  /** They go with it. */
  Delete,
  /** They stay, and a resource of the same name takes them over. */
  Retain
}
