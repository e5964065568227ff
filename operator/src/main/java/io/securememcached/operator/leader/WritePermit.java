package io.securememcached.operator.leader;

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
 * The permission to write to the API server. It expires 10 s after the request that last renewed it
 * was sent; then the process exits, whatever its threads wait for.
 *
 * <p>Time is the monotonic clock's, which can't be set and continues while the process is
 * suspended. A resumed process runs its other threads before or beside the one that ends it, so
 * each write checks the clock, too: as an interceptor of the client, it rejects all requests but
 * GET (docs/adr/0017-leader-by-monotonic-time.md).
 */
public final class WritePermit implements Interceptor {

  /** Less than {@link Lease#DURATION}: requests in flight may take the difference. */
  static final Duration LENGTH = Duration.ofSeconds(10);

  private static final Duration LOG_TIMEOUT = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(WritePermit.class);

  private final LongSupplier nanos;
  private final Runnable end;
  private final Thread watchdog;
  private long deadline;
  private boolean granted;
  private boolean givenBack;

  /** A permit of this process, which exits when the permit expires. */
  public static WritePermit ofProcess() {
    return new WritePermit(System::nanoTime, () -> Runtime.getRuntime().halt(1));
  }

  /**
   * Not granted yet.
   *
   * @param nanos monotonic clock, as {@link System#nanoTime}
   * @param end ends the process; called once, when the permit has expired
   */
  WritePermit(LongSupplier nanos, Runnable end) {
    this.nanos = nanos;
    this.end = end;
    watchdog = Thread.ofPlatform().daemon().name("write-permit").unstarted(this::watch);
  }

  /** Time of the monotonic clock, in ns. */
  long now() {
    return nanos.getAsLong();
  }

  /**
   * Renews the permit.
   *
   * @param asked {@link #now} before the renewing request was sent, as the API server renewed no
   *     earlier
   */
  synchronized void renew(long asked) {
    long renewed = asked + LENGTH.toNanos();
    if (givenBack || granted && (now() - deadline >= 0 || renewed - deadline < 0)) {
      // An expired permit is never renewed, as another instance may act by now.
      return;
    }
    deadline = renewed;
    if (!granted) {
      granted = true;
      watchdog.start();
    }
  }

  /** Ends it now, and the process with it, as another instance acts. */
  synchronized void lose() {
    deadline = now();
    LockSupport.unpark(watchdog);
  }

  /** Ends the permit, and the watchdog of the process. */
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

  /** In ns; 0 once it is released. */
  private synchronized long left() {
    return givenBack ? 0 : deadline - now();
  }

  private synchronized boolean isGivenBack() {
    return givenBack;
  }
}
