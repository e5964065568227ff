package io.securememcached.operator.leader;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a request every two seconds in a separate thread, until it is closed. */
final class Renewals implements AutoCloseable {

  /** As in Kubernetes' own components (client-go's LeaderElectionConfig). */
  private static final Duration PERIOD = Duration.ofSeconds(2);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(4);
  private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);

  private final Thread thread;
  private volatile boolean closed;

  private Renewals(String name, Runnable request) {
    thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> run(request));
  }

  /**
   * Starts the requests.
   *
   * @param request ends soon by itself; of consecutive exceptions the first is logged
   */
  static Renewals start(String name, Runnable request) {
    Renewals renewals = new Renewals(name, request);
    renewals.thread.start();
    return renewals;
  }

  private void run(Runnable request) {
    boolean failing = false;
    while (!closed) {
      try {
        request.run();
        failing = false;
      } catch (RuntimeException e) {
        if (!failing && !closed) {
          LOG.warn("Could not renew the {}, will retry: {}", thread.getName(), e.getMessage());
        }
        failing = true;
      }
      try {
        Thread.sleep(PERIOD);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Returns once the requests have ended, unless one hangs. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
