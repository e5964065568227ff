package io.securememcached.operator.api.v1beta1;

/** Where a pending update comes from. */
public enum UpdateOrigin {
  /** A change of the spec. */
  Spec,
  /** The operator: a new image, or other settings of the pods. */
  Operator,
  /** A requested restart, or a server that somebody else has changed. */
  Request
}
