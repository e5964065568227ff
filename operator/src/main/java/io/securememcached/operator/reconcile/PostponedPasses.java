package io.securememcached.operator.reconcile;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Resources whose pass could put their policies right and nothing else, as other lists were still
 * being read: to more than that, an empty cache would look as if no child were there.
 */
final class PostponedPasses extends SimpleInboundEventSource<SecureMemcached> {

  private final Set<ResourceID> resources = ConcurrentHashMap.newKeySet();
  private volatile boolean over;

  PostponedPasses() {
    super("postponed");
  }

  /** Whether the whole pass is to come later; it then comes by itself. */
  boolean take(SecureMemcached primary) {
    if (over) {
      return false;
    }
    resources.add(ResourceID.fromResource(primary));
    // In this order: whoever says that it is over looks at the resources after that.
    return !over;
  }

  /** Whether everything is read. */
  boolean areOver() {
    return over;
  }

  /** Everything is read: whole passes begin. */
  void begin() {
    over = true;
    resources.forEach(this::propagateEvent);
    resources.clear();
  }
}
