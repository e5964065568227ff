package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NextLookTest {

  /** Servers wait for it, and it asks the API server nothing. */
  @Test
  void incompleteListIsLookedAtSoonerThanARejection() {
    assertThat(retry(Reason.NamespaceUnreadable)).isLessThan(retry(Reason.ChildRejected));
  }

  private static Duration retry(Reason reason) {
    return NextLook.retry(new Failure(Stage.CREDENTIALS, reason, "any"));
  }
}
