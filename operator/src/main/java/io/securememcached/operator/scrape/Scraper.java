package io.securememcached.operator.scrape;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.metrics.ScrapeOutcome;
import io.securememcached.operator.metrics.ServerStatistics;
import io.securememcached.operator.metrics.Unavailable;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.text.Quoted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks servers for their statistics, all of a request at once, on virtual threads.
 *
 * <p>A scrape of a server is three STATs on a kept connection. A server is asked once in 5 s: who
 * asks meanwhile gets the same outcome. One that hangs, trickles or floods costs its own deadline
 * and a place of {@value #PLACES}, and one of {@value #SUSPECT_PLACES} others while it stays so.
 */
public final class Scraper implements AutoCloseable {

  /**
   * On one processor some milliseconds each, so that none exceeds its deadline by waiting for the
   * others. Each takes some 20 KiB.
   */
  private static final int PLACES = 128;

  /** For servers that did not answer last time: they wait, and need no processor. */
  private static final int SUSPECT_PLACES = 256;

  private static final Set<Unavailable> SUSPECT = Set.of(Unavailable.TIMEOUT, Unavailable.CONNECT);

  private static final Logger LOG = LoggerFactory.getLogger(Scraper.class);

  /** A server's pod, of which there is one with that name at a time. */
  private record Place(String namespace, String pod) {}

  private final Function<Target, List<Login>> logins;
  private final Duration limit;
  private final LongSupplier nanos;
  private final SharedSettings settings = new SharedSettings();
  private final Map<Place, ScrapedServer> servers = new ConcurrentHashMap<>();
  private final Map<Place, Unavailable> failing = new ConcurrentHashMap<>();
  private final Semaphore places = new Semaphore(PLACES, true);
  private final Semaphore suspectPlaces = new Semaphore(SUSPECT_PLACES, true);
  private final ThreadFactory threads = Thread.ofVirtual().name("scrape-", 0).factory();
  private final Timer duration;
  private final Map<Unavailable, Counter> failures = new EnumMap<>(Unavailable.class);

  /**
   * Without connections.
   *
   * @param logins for a server, newest first; empty while there are none
   * @param limit for all that is asked of a server at once
   * @param nanos monotonic clock
   * @param meters count scrapes and failures
   */
  public Scraper(
      Function<Target, List<Login>> logins,
      Duration limit,
      LongSupplier nanos,
      MeterRegistry meters) {
    this.logins = logins;
    this.limit = limit;
    this.nanos = nanos;
    duration =
        Timer.builder("securememcached.exporter.scrapes")
            .description("Scrapes of servers and their time")
            .register(meters);
    for (Unavailable reason : Unavailable.values()) {
      failures.put(
          reason,
          Counter.builder("securememcached.exporter.failures")
              .description("Scrapes of servers that failed")
              .tag("reason", reason.label())
              .register(meters));
    }
  }

  /** The outcome of each server, in the same order. */
  public List<ScrapeOutcome> scrape(List<Target> targets) {
    List<CompletableFuture<ScrapeOutcome>> running =
        targets.stream()
            .map(target -> server(target).latest(nanos.getAsLong(), this::start))
            .toList();
    List<ScrapeOutcome> outcomes = new ArrayList<>(targets.size());
    for (CompletableFuture<ScrapeOutcome> one : running) {
      // A server that was closed meanwhile has no outcome.
      outcomes.add(one.exceptionally(error -> Unavailable.ERROR).join());
    }
    return outcomes;
  }

  /** Closes the connections to all other servers. */
  public void retain(Set<Target> targets) {
    servers.values().removeIf(server -> !targets.contains(server.target()) && isClosed(server));
    failing.keySet().retainAll(servers.keySet());
  }

  @Override
  public void close() {
    retain(Set.of());
  }

  private ScrapedServer server(Target target) {
    return servers.compute(
        place(target),
        (place, known) -> {
          if (known != null && known.target().equals(target)) {
            return known;
          }
          if (known != null) {
            known.close();
          }
          return new ScrapedServer(
              target, new ServerConnection(target.address(), limit, settings::shared));
        });
  }

  private static Place place(Target target) {
    return new Place(target.namespace(), target.pod());
  }

  private static boolean isClosed(ScrapedServer server) {
    server.close();
    return true;
  }

  private CompletableFuture<ScrapeOutcome> start(ScrapedServer server) {
    CompletableFuture<ScrapeOutcome> outcome = new CompletableFuture<>();
    threads
        .newThread(
            () -> {
              try {
                outcome.complete(scrape(server));
              } catch (RuntimeException e) {
                LOG.error("Scrape of {} failed", server.target().address(), e);
                outcome.complete(Unavailable.ERROR);
              }
            })
        .start();
    return outcome;
  }

  private ScrapeOutcome scrape(ScrapedServer server) {
    Unavailable before = failing.get(place(server.target()));
    Semaphore taken = before != null && SUSPECT.contains(before) ? suspectPlaces : places;
    taken.acquireUninterruptibly();
    long start = System.nanoTime();
    try {
      ScrapeOutcome outcome = server.connection().ask(() -> logins.apply(server.target()));
      Optional<String> error =
          outcome instanceof ServerStatistics statistics ? statistics.error() : Optional.empty();
      if (error.isPresent()) {
        failed(server, Unavailable.INVALID_STATISTICS, error.get());
      } else {
        available(server.target());
      }
      return outcome;
    } catch (ServerConnection.RefusedException e) {
      return failed(server, e.reason(), e.getMessage());
    } catch (MemcachedException e) {
      return failed(server, reason(e), e.getMessage());
    } finally {
      duration.record(Duration.ofNanos(System.nanoTime() - start));
      taken.release();
    }
  }

  private static Unavailable reason(MemcachedException e) {
    return switch (e.reason()) {
      case CONNECTION_REFUSED, CONNECT_TIMEOUT, UNREACHABLE -> Unavailable.CONNECT;
      case TIMEOUT -> Unavailable.TIMEOUT;
      case FULL -> Unavailable.FULL;
      case CLOSED, PROTOCOL -> Unavailable.PROTOCOL;
      case INTERRUPTED -> Unavailable.ERROR;
    };
  }

  private void available(Target target) {
    if (failing.remove(place(target)) != null) {
      LOG.atInfo()
          .addKeyValue("namespace", target.namespace())
          .addKeyValue("pod", target.pod())
          .log("Server gives its statistics again");
    }
  }

  /** One line for each change, not for each scrape. */
  private Unavailable failed(ScrapedServer server, Unavailable reason, String message) {
    failures.get(reason).increment();
    Target target = server.target();
    Unavailable before = failing.put(place(target), reason);
    if (before != reason && reason != Unavailable.NO_LOGIN) {
      LOG.atInfo()
          .addKeyValue("namespace", target.namespace())
          .addKeyValue("pod", target.pod())
          .addKeyValue("reason", reason.label())
          .addKeyValue("message", Quoted.of(message))
          .log("Server gave no statistics");
    }
    return reason;
  }
}
