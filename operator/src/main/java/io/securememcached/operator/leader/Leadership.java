package io.securememcached.operator.leader;

import io.javaoperatorsdk.operator.OperatorException;
import java.util.concurrent.CompletableFuture;

/** Whether this instance may act, which it asks the API server again and again. */
public interface Leadership {

  /**
   * Complete once this instance may act; failed with an {@link OperatorException} where the account
   * lacks the rights to ask.
   */
  CompletableFuture<Void> leading();

  /** Gives the right to write back, so that the next instance starts at once; asks no more. */
  void release();
}
