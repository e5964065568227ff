package io.securememcached.operator.endpoint;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/**
 * Runs each request in a virtual thread of its own, and no more than {@value #MOST} at a time: the
 * oldest one is interrupted for a new one, which closes its connection.
 *
 * <p>Requests are short, so the oldest one is slow or silent. Rejecting the new one instead would
 * lock out a probe while others hold all places.
 */
final class NewestRequests implements Executor, AutoCloseable {

  /** Each holds some 25 KB of buffers. */
  static final int MOST = 64;

  /** Oldest first. */
  private final Deque<Thread> running = new ArrayDeque<>();

  @Override
  public void execute(Runnable request) {
    Thread thread = Thread.ofVirtual().name("http").unstarted(() -> run(request));
    synchronized (running) {
      if (running.size() == MOST) {
        running.removeFirst().interrupt();
      }
      running.addLast(thread);
    }
    thread.start();
  }

  private void run(Runnable request) {
    try {
      request.run();
    } finally {
      synchronized (running) {
        running.remove(Thread.currentThread());
      }
    }
  }

  /** Interrupts what still runs. */
  @Override
  public void close() {
    synchronized (running) {
      running.forEach(Thread::interrupt);
      running.clear();
    }
  }
}
