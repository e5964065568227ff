package io.securememcached.operator.reconcile;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import java.util.Set;

/** Handles the children of a resource that is being deleted. */
final class Deletion {

  /** For a resource whose servers terminate before it. */
  static final Failure UNDER_WAY =
      new Failure(
          Stage.SERVERS,
          Reason.Deleting,
          "The resource is being deleted; its NetworkPolicies are kept until all servers have"
              + " terminated.");

  /**
   * Finalizers of the garbage collector for deleting children before their owner, or orphaning
   * them.
   */
  private static final Set<String> OF_GARBAGE_COLLECTOR = Set.of("foregroundDeletion", "orphan");

  private Deletion() {}

  /**
   * Whether the children are being deleted or orphaned before the resource is deleted: none may be
   * recreated. While it waits for a foreign finalizer, they are not changed.
   */
  static boolean takesChildren(SecureMemcached primary) {
    return primary.getMetadata().getDeletionTimestamp() != null
        && primary.getMetadata().getFinalizers().stream().anyMatch(OF_GARBAGE_COLLECTOR::contains);
  }
}
