package io.securememcached.operator.reconcile;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import java.util.Set;

/** What becomes of the children of a resource that is being deleted. */
final class Deletion {

  /** Of a resource whose servers end before it. */
  static final Failure UNDER_WAY =
      new Failure(
          Stage.SERVERS,
          Reason.Deleting,
          "The resource is being deleted; its NetworkPolicies are kept until all servers have terminated.");

  /**
   * With which the garbage collector deletes children before their owner, or takes the owner away.
   */
  private static final Set<String> OF_GARBAGE_COLLECTOR = Set.of("foregroundDeletion", "orphan");

  private Deletion() {}

  /**
   * Whether the children are being deleted or released before the resource goes: none may come
   * back. Where it waits for somebody else's finalizer, nobody touches them until it is gone.
   */
  static boolean takesChildren(SecureMemcached primary) {
    return primary.getMetadata().getDeletionTimestamp() != null
        && primary.getMetadata().getFinalizers().stream().anyMatch(OF_GARBAGE_COLLECTOR::contains);
  }
}
