package io.securememcached.operator.scrape;

import io.securememcached.operator.metrics.ScrapeOutcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** One server and what it said last. */
final class ScrapedServer {

  /** A server is asked once in this time, whoever asks. */
  static final Duration INTERVAL = Duration.ofSeconds(5);

  private final Target target;
  private final ServerConnection connection;
  private CompletableFuture<ScrapeOutcome> latest = new CompletableFuture<>();
  private boolean wasAsked;
  private boolean closed;
  private long asked;

  ScrapedServer(Target target, ServerConnection connection) {
    this.target = target;
    this.connection = connection;
  }

  Target target() {
    return target;
  }

  ServerConnection connection() {
    return connection;
  }

  /**
   * The outcome of the present scrape, or of the last one if it is recent.
   *
   * @param now of a monotonic clock, in ns
   * @param scrape starts one
   */
  synchronized CompletableFuture<ScrapeOutcome> latest(
      long now, Function<ScrapedServer, CompletableFuture<ScrapeOutcome>> scrape) {
    if (!closed && (!wasAsked || latest.isDone() && now - asked >= INTERVAL.toNanos())) {
      wasAsked = true;
      asked = now;
      latest = scrape.apply(this);
    }
    return latest;
  }

  /** Closes the connection, after a scrape that is running. */
  synchronized void close() {
    closed = true;
    if (wasAsked) {
      latest = latest.whenComplete((outcome, error) -> connection.close());
    } else {
      latest.cancel(false);
    }
  }
}
