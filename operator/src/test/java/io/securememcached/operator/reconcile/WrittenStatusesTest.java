package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import org.junit.jupiter.api.Test;

/** What a pass believes of a cache that is a write behind. */
class WrittenStatusesTest {

  private static final SecureMemcachedStatus READY = status(1);
  private static final SecureMemcachedStatus EXPOSED = status(2);

  private final WrittenStatuses statuses = new WrittenStatuses();

  @Test
  void statusThatACacheStillHoldsIsWrittenAgain() {
    statuses.writing(seen(READY), EXPOSED);
    assertThat(statuses.isThere(seen(READY), READY)).isFalse();
    statuses.writing(seen(READY), READY);
    assertThat(statuses.isThere(seen(READY), READY)).isTrue();
  }

  @Test
  void restartedOperatorBelievesWhatItSees() {
    assertThat(statuses.isThere(seen(READY), READY)).isTrue();
    assertThat(statuses.isThere(seen(READY), EXPOSED)).isFalse();
  }

  @Test
  void statusThatSomebodyElseWroteIsPutRight() {
    statuses.writing(seen(READY), READY);
    assertThat(statuses.isThere(seen(EXPOSED), READY)).isFalse();
  }

  @Test
  void deletedResourceIsForgotten() {
    statuses.writing(seen(READY), EXPOSED);
    statuses.onResourceDeleted(seen(EXPOSED));
    assertThat(statuses.isThere(seen(READY), READY)).isTrue();
  }

  private static SecureMemcached seen(SecureMemcachedStatus status) {
    SecureMemcached primary = new SecureMemcached();
    primary.getMetadata().setUid("1");
    primary.setStatus(status);
    return primary;
  }

  private static SecureMemcachedStatus status(long observedGeneration) {
    return new SecureMemcachedStatus(
        observedGeneration, null, null, null, null, null, null, null, null, null, null, null, null);
  }
}
