package io.securememcached.operator.rollout;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pending updates as gauges, absent while there are none: {@code securememcached_pending_updates}
 * is the number of servers of a resource that wait for an update of an origin, {@code
 * securememcached_pending_security_updates} of those whose update closes a known vulnerability.
 *
 * <p>Thread-safe for different resources; the framework reconciles each by one thread at a time.
 */
public final class UpdateMetrics {

  private static final String PENDING = "securememcached.pending.updates";
  private static final String SECURITY = "securememcached.pending.security.updates";

  private final MeterRegistry registry;
  private final Map<ResourceID, Map<Series, Value>> resources = new ConcurrentHashMap<>();

  /** A gauge of a resource. */
  private record Series(String name, Tags tags) {}

  /** A gauge holds its number weakly. */
  private record Value(AtomicInteger number, Gauge gauge) {}

  public UpdateMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Records what is pending now. */
  public void record(ResourceID resource, Rollout rollout) {
    Map<Series, Integer> next = count(resource, rollout);
    if (next.isEmpty()) {
      forget(resource);
      return;
    }
    Map<Series, Value> known =
        resources.computeIfAbsent(resource, created -> new ConcurrentHashMap<>());
    next.forEach(
        (series, number) -> known.computeIfAbsent(series, this::register).number().set(number));
    Iterator<Map.Entry<Series, Value>> all = known.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Series, Value> entry = all.next();
      if (!next.containsKey(entry.getKey())) {
        registry.remove(entry.getValue().gauge());
        all.remove();
      }
    }
  }

  /** Removes the gauges of a deleted resource. */
  public void forget(ResourceID resource) {
    Map<Series, Value> known = resources.remove(resource);
    if (known != null) {
      known.values().forEach(value -> registry.remove(value.gauge()));
    }
  }

  private static Map<Series, Integer> count(ResourceID resource, Rollout rollout) {
    Tags tags =
        Tags.of("namespace", resource.getNamespace().orElse(""), "name", resource.getName());
    Map<Series, Integer> counts = new HashMap<>();
    for (ServerUpdate update : rollout.pending()) {
      counts.merge(
          new Series(PENDING, tags.and("origin", update.origin().name())), 1, Integer::sum);
      if (update.isSecurityUpdate()) {
        counts.merge(new Series(SECURITY, tags), 1, Integer::sum);
      }
    }
    return counts;
  }

  private Value register(Series series) {
    AtomicInteger number = new AtomicInteger();
    return new Value(
        number,
        Gauge.builder(series.name(), number, AtomicInteger::get)
            .description(
                series.name().equals(SECURITY)
                    ? "Servers whose pending update closes a known vulnerability"
                    : "Servers that wait for an update")
            .tags(series.tags())
            .register(registry));
  }
}
