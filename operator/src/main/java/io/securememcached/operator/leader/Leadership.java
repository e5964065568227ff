package io.securememcached.operator.leader;

import io.javaoperatorsdk.operator.OperatorException;
import java.util.concurrent.CompletableFuture;

/** Whether this instance may act, which is renewed at the API server periodically. */
public interface Leadership {

  /**
   * Complete once this instance may act; failed with an {@link OperatorException} if the account
   * lacks the permission.
   */
  CompletableFuture<Void> leading();

  /**
   * Releases the leadership, so that the next instance starts immediately, and ends the renewals.
   */
  void release();
}
