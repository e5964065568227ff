package io.securememcached.operator.reconcile;

import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The statuses that this process last wrote.
 *
 * <p>After two writes in a row the cache may hold the first one for a moment, as the framework
 * drops the second at the event of the first. A reconciliation in that moment whose status equals
 * the cached one would leave the second one in place, and no event would correct that.
 */
final class LastAppliedStatus extends SimpleInboundEventSource<SecureMemcached>
    implements ResourceEventAware<SecureMemcached> {

  private final Map<String, SecureMemcachedStatus> byUid = new ConcurrentHashMap<>();

  LastAppliedStatus() {
    super("written-status");
  }

  /** Whether the resource certainly has this status. */
  boolean isApplied(SecureMemcached primary, SecureMemcachedStatus status) {
    return status.equals(primary.getStatus())
        && status.equals(byUid.getOrDefault(primary.getMetadata().getUid(), status));
  }

  /** Remembers a status that is about to be written. */
  void applying(SecureMemcached primary, SecureMemcachedStatus status) {
    byUid.put(primary.getMetadata().getUid(), status);
  }

  @Override
  public void onResourceDeleted(SecureMemcached primary) {
    byUid.remove(primary.getMetadata().getUid());
  }
}
