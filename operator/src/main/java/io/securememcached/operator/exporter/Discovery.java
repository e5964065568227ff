package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memory.Payload;
import io.securememcached.operator.metrics.Unavailable;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.scrape.Target;
import io.securememcached.operator.text.Quoted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers, from the resources and the pods with the servers' label. Only lists and watches of
 * these two kinds decide what is asked: no caller does.
 */
final class Discovery implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

  /**
   * A server of a resource.
   *
   * @param target how to ask it; empty if it can't be asked
   * @param otherwise why it can't be asked
   */
  record Server(
      String namespace, String name, String pod, Optional<Target> target, Unavailable otherwise) {}

  private record Key(String namespace, String name) {}

  /**
   * What is watched in a namespace.
   *
   * @param name empty for all namespaces
   */
  private record Watched(
      String name,
      FactStore<SecureMemcached, CacheFacts> caches,
      FactStore<Pod, PodFacts> pods,
      SharedIndexInformer<SecureMemcached> cacheInformer,
      SharedIndexInformer<Pod> podInformer) {

    /**
     * Servers are known once both kinds are: a resource without its pods looks as if it had none.
     */
    boolean isSynced() {
      return cacheInformer.hasSynced() && podInformer.hasSynced();
    }

    boolean isWatching() {
      return cacheInformer.isWatching() && podInformer.isWatching();
    }

    boolean has(String namespace) {
      return name.isEmpty() || name.equals(namespace);
    }
  }

  private final List<Watched> watched = new ArrayList<>();

  /**
   * Not started.
   *
   * @param namespaces to watch, empty for all
   * @param deleted called after a resource or a pod is deleted
   */
  Discovery(KubernetesClient client, Set<String> namespaces, Runnable deleted) {
    for (String namespace : namespaces.isEmpty() ? Set.of("") : namespaces) {
      FactStore<SecureMemcached, CacheFacts> caches =
          new FactStore<>(SecureMemcached::new, CacheFacts::of);
      FactStore<Pod, PodFacts> pods = new FactStore<>(Pod::new, PodFacts::of);
      watched.add(
          new Watched(
              namespace,
              caches,
              pods,
              informer(in(client.resources(SecureMemcached.class), namespace), caches, deleted),
              informer(
                  namespace.isEmpty()
                      ? client.pods().inAnyNamespace().withLabel(Labels.SERVER_OF)
                      : client.pods().inNamespace(namespace).withLabel(Labels.SERVER_OF),
                  pods,
                  deleted)));
    }
  }

  private static <T extends HasMetadata> SharedIndexInformer<T> informer(
      Informable<T> objects, FactStore<T, ?> store, Runnable deleted) {
    return objects
        .withLimit(Payload.PAGE)
        .runnableInformer(0)
        .itemStore(store)
        .removeIndexer(Cache.NAMESPACE_INDEX)
        .addEventHandler(new Deletions<>(deleted))
        .exceptionHandler(
            (started, error) -> {
              LOG.atWarn()
                  .addKeyValue("message", Quoted.of(String.valueOf(error.getMessage())))
                  .log("Could not list or watch; retrying");
              return true;
            });
  }

  private static Informable<SecureMemcached> in(
      MixedOperation<SecureMemcached, ?, ? extends Resource<SecureMemcached>> all,
      String namespace) {
    return namespace.isEmpty() ? all.inAnyNamespace() : all.inNamespace(namespace);
  }

  private static final class Deletions<T> implements ResourceEventHandler<T> {

    private final Runnable deleted;

    Deletions(Runnable deleted) {
      this.deleted = deleted;
    }

    @Override
    public void onAdd(T object) {}

    @Override
    public void onUpdate(T before, T object) {}

    @Override
    public void onDelete(T object, boolean isFinalStateUnknown) {
      deleted.run();
    }
  }

  /** Starts, and retries without end where something can't be read. */
  void start() {
    watched.forEach(
        one -> {
          one.cacheInformer().start();
          one.podInformer().start();
        });
  }

  /** Whether some namespace was read: one that can't be read stops no other. */
  boolean isSynced() {
    return watched.stream().anyMatch(Watched::isSynced);
  }

  /** Whether each namespace was read. */
  boolean isComplete() {
    return watched.stream().allMatch(Watched::isSynced);
  }

  /** Whether a namespace was read; so is one that is not watched, as nothing is known of it. */
  boolean isSynced(String namespace) {
    return watched.stream().filter(one -> one.has(namespace)).allMatch(Watched::isSynced);
  }

  /** Whether both kinds are watched in some namespace. */
  boolean isWatching() {
    return watched.stream().anyMatch(Watched::isWatching);
  }

  @Override
  public void close() {
    watched.forEach(
        one -> {
          one.cacheInformer().stop();
          one.podInformer().stop();
        });
  }

  /** The servers of all resources, sorted; without the namespaces that were not read yet. */
  List<Server> servers() {
    return servers(synced().flatMap(one -> one.caches().facts().stream()).toList());
  }

  /** The servers of a namespace's resources; empty if it has no resource. */
  Optional<List<Server>> servers(String namespace) {
    List<CacheFacts> own =
        synced()
            .flatMap(one -> one.caches().facts().stream())
            .filter(cache -> cache.namespace().equals(namespace))
            .toList();
    return own.isEmpty() ? Optional.empty() : Optional.of(servers(own));
  }

  /** The servers of a resource; empty if there is no such resource. */
  Optional<List<Server>> servers(String namespace, String name) {
    return synced()
        .flatMap(one -> one.caches().facts(namespace, name).stream())
        .findFirst()
        .map(cache -> servers(List.of(cache)));
  }

  private Stream<Watched> synced() {
    return watched.stream().filter(Watched::isSynced);
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
    return new Server(
        cache.namespace(),
        cache.name(),
        name,
        cache.isLoopback()
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
        cache.isLoopback() ? Unavailable.LOOPBACK : Unavailable.NO_ADDRESS);
  }
}
