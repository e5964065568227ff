package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;

/** Steps of a reconciliation, in their order: the children by purpose, then the checks. */
public enum Stage {
  NETWORK_POLICIES,
  CREDENTIALS,
  SERVERS,
  /** After all children are applied: audit, checks, readiness gate. */
  CHECKS;

  /** The step that a child belongs to. */
  public static Stage of(HasMetadata child) {
    return switch (child) {
      case NetworkPolicy policy -> NETWORK_POLICIES;
      case Secret secret -> CREDENTIALS;
      default -> SERVERS;
    };
  }
}
