package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;

/** What children are for, in the order in which they are written, and what follows. */
public enum Stage {
  NETWORK_POLICIES,
  CREDENTIALS,
  SERVERS,
  /** What follows once all children are written: audit, checks, gate. */
  CHECKS;

  /** The stage that a child belongs to. */
  public static Stage of(HasMetadata child) {
    return switch (child) {
      case NetworkPolicy policy -> NETWORK_POLICIES;
      case Secret secret -> CREDENTIALS;
      default -> SERVERS;
    };
  }
}
