package io.securememcached.operator.process;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import io.javaoperatorsdk.operator.processing.event.source.controller.ControllerEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.watches.WatchFaults;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The operator's health by its watches. One namespace that can't be read, such as one that does not
 * exist yet or without a RoleBinding, is no reason to restart the operator or to block an upgrade,
 * as the others need it.
 */
final class WatchHealth {

  /** A restart may help an operator that has received no events at all for that long. */
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

  /**
   * Reports for each of the operator's own kinds whether it is listed and watched, by namespace.
   */
  void report(WatchFaults faults) {
    sources
        .get()
        .forEach(
            (source, informers) ->
                informers
                    .informerHealthIndicators()
                    .forEach(
                        (namespace, informer) ->
                            faults.report(
                                "the operator's own " + kind(source),
                                namespace.equals(Constants.WATCH_ALL_NAMESPACES) ? "" : namespace,
                                informer.hasSynced() && informer.isWatching()
                                    ? Optional.empty()
                                    : Optional.of(
                                        "the initial list is not complete, or the watch has ended"))));
  }

  /**
   * Sources are named after the kind, except the one of the resources, which the framework names.
   */
  private static String kind(String source) {
    return source.equals(ControllerEventSource.NAME)
        ? HasMetadata.getKind(SecureMemcached.class)
        : source;
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
