package io.securememcached.operator.api.v1beta1;

/** What happens to the Secrets when the resource is deleted. */
public enum DeletionPolicy {
  /** They are deleted with it. */
  Delete,
  /** They are kept, and a resource of the same name adopts them. */
  Retain
}
