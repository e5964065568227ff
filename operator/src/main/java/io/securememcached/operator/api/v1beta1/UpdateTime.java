package io.securememcached.operator.api.v1beta1;

/** When servers may restart for an update. */
public enum UpdateTime {
  /** At once, one server after another. */
  Immediately,
  /** In one of the windows. */
  InWindow,
  /** After an approval, in one of the windows if there are any. */
  OnApproval
}
