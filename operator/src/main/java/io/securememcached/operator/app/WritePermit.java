package io.securememcached.operator.app;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write to the API server. It ends by itself 10 s after the request that last renewed
 * it was sent; then the process is ended, whatever its threads wait for.
 *
 * <p>Time is the monotonic clock's, which nobody can set, and which goes on while the process is
 * stopped. A process that is continued runs its other threads before or beside the one that ends
 * it, so each write looks at the clock, too: as an interceptor of the client, it refuses all
 * requests but GET (docs/adr/0017-leader-by-monotonic-time.md).
 */
final class WritePermit implements Interceptor {

  /** Less than {@link Lease#DURATION}: what is under way may take the difference. */
  static final Duration LENGTH = Duration.ofSeconds(10);

  private static final Duration LOG_TIMEOUT = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(WritePermit.class);

  private final LongSupplier nanos;
  private final Runnable end;
  private final Thread watchdog;
  private long deadline;
  private boolean granted;
  private boolean givenBack;

  /** A permit of this process, which is ended when it runs out. */
  static WritePermit ofProcess() {
    return new WritePermit(System::nanoTime, () -> Runtime.getRuntime().halt(1));
  }

  /**
   * Not granted yet.
   *
   * @param nanos monotonic clock, as {@link System#nanoTime}
   * @param end what ends the process; run once, when the permit has run out
   */
  WritePermit(LongSupplier nanos, Runnable end) {
    this.nanos = nanos;
    this.end = end;
    watchdog = Thread.ofPlatform().daemon().name("write-permit").unstarted(this::watch);
  }

  /** What the monotonic clock says, in ns. */
  long now() {
    return nanos.getAsLong();
  }

  /**
   * Renews the permit.
   *
   * @param asked {@link #now} before the request was sent which renewed it: the API server did so
   *     no earlier
   */
  synchronized void renew(long asked) {
    long renewed = asked + LENGTH.toNanos();
    if (givenBack || granted && (now() - deadline >= 0 || renewed - deadline < 0)) {
      // One that has run out never comes back, as somebody else may act by now.
      return;
    }
    deadline = renewed;
    if (!granted) {
      granted = true;
      watchdog.start();
    }
  }

  /** Ends it now, and the process with it, as somebody else acts. */
  synchronized void lose() {
    deadline = now();
    LockSupport.unpark(watchdog);
  }

  /** Ends the permit, and with it the watch over the process. */
  synchronized void giveBack() {
    givenBack = true;
    LockSupport.unpark(watchdog);
  }

  synchronized boolean isValid() {
    return granted && !givenBack && now() - deadline < 0;
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (!request.method().equals("GET") && !isValid()) {
      LockSupport.unpark(watchdog);
      throw new KubernetesClientException(
          "%s %s was not sent: this instance lost the leadership, as it did not renew its Lease in time"
              .formatted(request.method(), request.uri().getPath()));
    }
  }

  private void watch() {
    for (long left = left(); left > 0; left = left()) {
      LockSupport.parkNanos(this, left);
    }
    if (isGivenBack()) {
      return;
    }
    // The log may block: its reader can be what is stuck.
    Thread log =
        Thread.ofPlatform()
            .daemon()
            .start(
                () ->
                    LOG.error(
                        "Lost the leadership, exiting: another instance leads, or the Lease was not renewed for {} s",
                        LENGTH.toSeconds()));
    try {
      log.join(LOG_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end.run();
  }

  /** In ns; nothing once it is given back. */
  private synchronized long left() {
    return givenBack ? 0 : deadline - now();
  }

  private synchronized boolean isGivenBack() {
    return givenBack;
  }
}
