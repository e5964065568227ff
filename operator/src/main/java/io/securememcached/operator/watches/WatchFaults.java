package io.securememcached.operator.watches;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.text.Quoted;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kinds that can't be listed or watched at the moment, by namespace. Such a fault blocks nothing
 * else: it is logged once when it starts and once when it ends, and reported by the gauge {@code
 * securememcached_watch_failing}, by {@code /readyz}, and in the status of the affected resources.
 */
public final class WatchFaults {

  private static final Logger LOG = LoggerFactory.getLogger(WatchFaults.class);

  /** The API server may repeat foreign text of any length. */
  private static final int LONGEST_MESSAGE = 300;

  private final MeterRegistry registry;
  private final ConcurrentMap<Place, Fault> faults = new ConcurrentHashMap<>();

  /**
   * Where a fault is.
   *
   * @param namespace empty for all
   */
  private record Place(String kind, String namespace) {

    @Override
    public String toString() {
      return kind + (namespace.isEmpty() ? " of all namespaces" : " of namespace " + namespace);
    }
  }

  private record Fault(String message, Meter meter) {}

  /** No faults yet. */
  public WatchFaults(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Sets the fault of a place; empty once it can be read. */
  public synchronized void report(String kind, String namespace, Optional<String> message) {
    Place place = new Place(kind, namespace);
    Fault before = faults.get(place);
    if (message.isPresent()) {
      if (before == null || !before.message().equals(message.get())) {
        LOG.atWarn()
            .addKeyValue("kind", kind)
            .addKeyValue("namespace", namespace)
            .log("Could not list or watch, will retry: {}", message.get());
      }
      faults.put(
          place, new Fault(message.get(), before == null ? register(place) : before.meter()));
    } else if (before != null) {
      LOG.atInfo()
          .addKeyValue("kind", kind)
          .addKeyValue("namespace", namespace)
          .log("Recovered list and watch");
      registry.remove(before.meter());
      faults.remove(place);
    }
  }

  /** A line for each place that can't be read, without the API server's message. */
  public Stream<String> places() {
    return faults.keySet().stream()
        .sorted(Comparator.comparing(Place::toString))
        .map(place -> place + " can't be listed or watched; see the operator's log");
  }

  private Meter register(Place place) {
    return Gauge.builder("securememcached.watch.failing", () -> 1)
        .description("1 while objects of this kind can't be listed or watched")
        .tag("kind", place.kind())
        .tag("namespace", place.namespace())
        .register(registry);
  }

  /** The API server's or the client's message, as one line of limited length. */
  static String message(Throwable error) {
    Throwable cause = error;
    while (!(cause instanceof KubernetesClientException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text =
        cause instanceof KubernetesClientException api
            ? ApiErrors.message(api)
            : String.valueOf(cause.getMessage());
    return Quoted.printable(text, LONGEST_MESSAGE);
  }
}
