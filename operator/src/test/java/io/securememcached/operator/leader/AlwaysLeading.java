package io.securememcached.operator.leader;

import java.util.concurrent.CompletableFuture;

/** For tests of one operator: acts at once, and asks nobody. */
public final class AlwaysLeading implements Leadership {

  @Override
  public CompletableFuture<Void> leading() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void release() {}
}
