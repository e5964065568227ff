package io.securememcached.operator.reconcile;

import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Objects;

/**
 * Distinguishes a user's changes of a resource from the operator's changes of its status. A
 * resource that was deleted and created again while the watch was down is a change, too.
 */
public final class UserChangeFilter implements OnUpdateFilter<SecureMemcached> {

  @Override
  public boolean accept(SecureMemcached now, SecureMemcached before) {
    return !Objects.equals(now.getMetadata().getUid(), before.getMetadata().getUid())
        || !Objects.equals(now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
        || !Objects.equals(
            now.getMetadata().getAnnotations(), before.getMetadata().getAnnotations())
        || !Objects.equals(
            now.getMetadata().getDeletionTimestamp(), before.getMetadata().getDeletionTimestamp());
  }
}
