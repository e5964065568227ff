package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import org.junit.jupiter.api.Test;

/** What a pass believes of a cache that is a write behind. */
class LastAppliedStatusTest {

  private static final SecureMemcachedStatus READY = status(1);
  private static final SecureMemcachedStatus EXPOSED = status(2);

  private final LastAppliedStatus statuses = new LastAppliedStatus();

  @Test
  void statusThatACacheStillHoldsIsWrittenAgain() {
    statuses.applying(seen(READY), EXPOSED);
    assertThat(statuses.isApplied(seen(READY), READY)).isFalse();
    statuses.applying(seen(READY), READY);
    assertThat(statuses.isApplied(seen(READY), READY)).isTrue();
  }

  @Test
  void restartedOperatorBelievesWhatItSees() {
    assertThat(statuses.isApplied(seen(READY), READY)).isTrue();
    assertThat(statuses.isApplied(seen(READY), EXPOSED)).isFalse();
  }

  @Test
  void statusThatSomebodyElseWroteIsPutRight() {
    statuses.applying(seen(READY), READY);
    assertThat(statuses.isApplied(seen(EXPOSED), READY)).isFalse();
  }

  @Test
  void deletedResourceIsForgotten() {
    statuses.applying(seen(READY), EXPOSED);
    statuses.onResourceDeleted(seen(EXPOSED));
    assertThat(statuses.isApplied(seen(READY), READY)).isTrue();
  }

  private static SecureMemcached seen(SecureMemcachedStatus status) {
    SecureMemcached primary = new SecureMemcached();
    primary.getMetadata().setUid("1");
    primary.setStatus(status);
    return primary;
  }

  private static SecureMemcachedStatus status(long observedGeneration) {
    return new SecureMemcachedStatus(
        observedGeneration,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }
}
