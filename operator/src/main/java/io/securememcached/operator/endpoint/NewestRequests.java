package io.securememcached.operator.endpoint;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Runs each request in a virtual thread of its own, and no more than {@value #MOST} at a time: the
 * oldest one is interrupted for a new one, which closes its connection.
 *
 * <p>Requests are short, so the oldest one is slow or silent. Rejecting the new one instead would
 * lock out a probe while others hold all places. One that may take its time is exempted.
 */
final class NewestRequests implements Executor, AutoCloseable {

  /** Each holds some 25 KB of buffers. */
  static final int MOST = 64;

  /** Oldest first. */
  private final Deque<Thread> running = new ArrayDeque<>();

  private final Set<Thread> exempted = new HashSet<>();

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

  /**
   * The request of this thread takes no place any more, and no other interrupts it. The caller
   * limits how many there are.
   */
  void exempt() {
    synchronized (running) {
      if (running.remove(Thread.currentThread())) {
        exempted.add(Thread.currentThread());
      }
    }
  }

  private void run(Runnable request) {
    try {
      request.run();
    } finally {
      synchronized (running) {
        running.remove(Thread.currentThread());
        exempted.remove(Thread.currentThread());
      }
    }
  }

  /** Interrupts what still runs. */
  @Override
  public void close() {
    synchronized (running) {
      running.forEach(Thread::interrupt);
      running.clear();
      exempted.forEach(Thread::interrupt);
      exempted.clear();
    }
  }
}
