package io.securememcached.operator.watches;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The reconciliations that run, so that a stop can wait for them. The framework empties the caches
 * before it waits: to a reconciliation that still runs it looks as if no child, no pod and no
 * foreign object existed.
 */
public final class ReconcileGuard {

  private final ReentrantReadWriteLock running = new ReentrantReadWriteLock();
  private volatile boolean begun;
  private volatile boolean ended;

  /**
   * Runs a reconciliation, unless they have ended.
   *
   * @param otherwise result of a reconciliation that is not run
   */
  public <R> R run(Supplier<R> reconciliation, R otherwise) {
    // Asked for by itself: one that tries barges past the end that waits.
    if (ended || !running.readLock().tryLock()) {
      return otherwise;
    }
    begun = true;
    try {
      return reconciliation.get();
    } finally {
      running.readLock().unlock();
    }
  }

  /**
   * Whether there was a reconciliation. One that begins later sees everything that was in a cache
   * when this was false, and there will be one for each resource.
   */
  public boolean haveBegun() {
    return begun;
  }

  /**
   * Lets no reconciliation begin any more, and waits for those that run.
   *
   * @return false when some still run after the timeout
   */
  public boolean end(Duration timeout) {
    ended = true;
    try {
      return running.writeLock().tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
