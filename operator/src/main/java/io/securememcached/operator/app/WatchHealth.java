package io.securememcached.operator.app;

import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What the watches say about the operator's health. One namespace that can't be read, such as one
 * that is not there yet or gives the operator no rights, is no reason to restart it, or to hold up
 * an upgrade: the others need it.
 */
final class WatchHealth {

  /** A restart may help an operator that has seen nothing at all for that long. */
  private static final Duration DEAF = Duration.ofMinutes(10);

  private final Supplier<Map<String, InformerWrappingEventSourceHealthIndicator<?>>> sources;
  private volatile long lastWatched = System.nanoTime();

  WatchHealth(Supplier<Map<String, InformerWrappingEventSourceHealthIndicator<?>>> sources) {
    this.sources = sources;
  }

  /** Whether each kind was read in some namespace. */
  boolean isReady() {
    return inSomeNamespace(InformerHealthIndicator::hasSynced);
  }

  /** Whether each kind is watched in some namespace, or was not long ago. */
  boolean isAlive() {
    if (inSomeNamespace(InformerHealthIndicator::isWatching)) {
      lastWatched = System.nanoTime();
    }
    return System.nanoTime() - lastWatched < DEAF.toNanos();
  }

  private boolean inSomeNamespace(Predicate<InformerHealthIndicator> healthy) {
    return sources.get().values().stream()
        .map(InformerWrappingEventSourceHealthIndicator::informerHealthIndicators)
        .map(Map::values)
        .allMatch(namespaces -> isAny(namespaces, healthy));
  }

  private static boolean isAny(
      Collection<InformerHealthIndicator> namespaces, Predicate<InformerHealthIndicator> healthy) {
    return namespaces.stream().anyMatch(healthy);
  }
}
