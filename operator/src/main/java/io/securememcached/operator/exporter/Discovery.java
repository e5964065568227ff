package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.endpoint.MetricsScope;
import io.securememcached.operator.metrics.Unavailable;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.scrape.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The servers, from the resources and the pods with the servers' label. Only lists and watches of
 * these two kinds decide what is asked: no caller does.
 */
final class Discovery implements AutoCloseable {

  /**
   * A server of a resource.
   *
   * @param target how to ask it; empty if it can't be asked
   * @param otherwise why it can't be asked
   */
  record Server(
      String namespace, String name, String pod, Optional<Target> target, Unavailable otherwise) {}

  private record Key(String namespace, String name) {}

  private final List<WatchedNamespace> watched;

  /**
   * Not started.
   *
   * @param namespaces to watch, empty for all
   * @param deleted called after a resource or a pod is deleted
   */
  Discovery(KubernetesClient client, Set<String> namespaces, Runnable deleted) {
    watched =
        (namespaces.isEmpty() ? Set.of("") : namespaces)
            .stream().map(namespace -> WatchedNamespace.of(client, namespace, deleted)).toList();
  }

  /**
   * Starts, and retries without end where something can't be read.
   *
   * @return complete once each namespace was read
   */
  CompletionStage<Void> start() {
    return CompletableFuture.allOf(
        watched.stream().map(WatchedNamespace::start).toArray(CompletableFuture[]::new));
  }

  /** Whether some namespace was read: one that can't be read stops no other. */
  boolean isSynced() {
    return watched.stream().anyMatch(WatchedNamespace::isSynced);
  }

  /** Whether each namespace was read. */
  boolean isComplete() {
    return watched.stream().allMatch(WatchedNamespace::isSynced);
  }

  /**
   * Whether the servers of a scope can be told: of everything, once some namespace was read; of a
   * namespace that is not watched always, as nothing is known of it.
   */
  boolean isSynced(MetricsScope scope) {
    return switch (scope) {
      case MetricsScope.All all -> isSynced();
      case MetricsScope.Namespace own -> isSynced(own.namespace());
      case MetricsScope.Resource one -> isSynced(one.namespace());
    };
  }

  private boolean isSynced(String namespace) {
    return watched.stream().filter(one -> one.has(namespace)).allMatch(WatchedNamespace::isSynced);
  }

  /** Whether both kinds are watched in some namespace. */
  boolean isWatching() {
    return watched.stream().anyMatch(WatchedNamespace::isWatching);
  }

  @Override
  public void close() {
    watched.forEach(WatchedNamespace::close);
  }

  /**
   * The servers of a scope, sorted; empty if there is no resource in such a namespace, or of such a
   * name. Namespaces that were not read yet are left out.
   */
  Optional<List<Server>> servers(MetricsScope scope) {
    List<CacheFacts> found =
        switch (scope) {
          case MetricsScope.All all -> caches().toList();
          case MetricsScope.Namespace own ->
              caches().filter(cache -> cache.namespace().equals(own.namespace())).toList();
          case MetricsScope.Resource one ->
              synced()
                  .flatMap(in -> in.caches().facts(one.namespace(), one.name()).stream())
                  .toList();
        };
    return found.isEmpty() && !(scope instanceof MetricsScope.All)
        ? Optional.empty()
        : Optional.of(servers(found));
  }

  private Stream<CacheFacts> caches() {
    return synced().flatMap(one -> one.caches().facts().stream());
  }

  private Stream<WatchedNamespace> synced() {
    return watched.stream().filter(WatchedNamespace::isSynced);
  }

  private List<Server> servers(Collection<CacheFacts> resources) {
    Map<Key, List<PodFacts>> byResource = new HashMap<>();
    synced()
        .flatMap(one -> one.pods().facts().stream())
        .filter(Discovery::isServer)
        .forEach(
            pod ->
                byResource
                    .computeIfAbsent(
                        new Key(pod.namespace(), pod.serverOf()), key -> new ArrayList<>())
                    .add(pod));
    return resources.stream()
        .sorted(Comparator.comparing(CacheFacts::namespace).thenComparing(CacheFacts::name))
        .flatMap(
            cache ->
                servers(
                    cache,
                    byResource.getOrDefault(new Key(cache.namespace(), cache.name()), List.of())))
        .toList();
  }

  /** Anyone who may create pods chooses name, labels and owners; all must fit. */
  private static boolean isServer(PodFacts pod) {
    return Names.ordinal(pod.serverOf(), pod.name()).isPresent()
        && pod.statefulSet().equals(pod.serverOf());
  }

  /** The requested servers, and those that still exist. */
  private static Stream<Server> servers(CacheFacts cache, List<PodFacts> pods) {
    Map<Integer, PodFacts> byOrdinal = new HashMap<>();
    pods.forEach(pod -> byOrdinal.put(Names.ordinal(cache.name(), pod.name()).orElseThrow(), pod));
    TreeSet<Integer> ordinals = new TreeSet<>();
    IntStream.range(0, cache.replicas()).forEach(ordinals::add);
    byOrdinal.forEach(
        (ordinal, pod) -> {
          if (pod.address().isPresent()) {
            ordinals.add(ordinal);
          }
        });
    return ordinals.stream()
        .map(
            ordinal ->
                server(
                    cache,
                    cache.name() + "-" + ordinal,
                    Optional.ofNullable(byOrdinal.get(ordinal))));
  }

  private static Server server(CacheFacts cache, String name, Optional<PodFacts> pod) {
    boolean isLoopback = pod.flatMap(PodFacts::listen).orElse(cache.listen()) == Listen.Loopback;
    return new Server(
        cache.namespace(),
        cache.name(),
        name,
        isLoopback
            ? Optional.empty()
            : pod.flatMap(
                one ->
                    one.address()
                        .map(
                            address ->
                                new Target(
                                    cache.namespace(),
                                    cache.name(),
                                    cache.uid(),
                                    name,
                                    one.uid(),
                                    address))),
        isLoopback ? Unavailable.LOOPBACK : Unavailable.NO_ADDRESS);
  }
}
