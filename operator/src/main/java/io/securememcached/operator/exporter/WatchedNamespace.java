package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memory.Payload;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.text.Quoted;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resources and the servers' pods of a namespace, as they are watched.
 *
 * @param name empty for all namespaces
 */
record WatchedNamespace(
    String name,
    FactStore<SecureMemcached, CacheFacts> caches,
    FactStore<Pod, PodFacts> pods,
    SharedIndexInformer<SecureMemcached> cacheInformer,
    SharedIndexInformer<Pod> podInformer)
    implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedNamespace.class);

  /**
   * Not started.
   *
   * @param deleted called after a resource or a pod is deleted
   */
  static WatchedNamespace of(KubernetesClient client, String name, Runnable deleted) {
    var resources = client.resources(SecureMemcached.class);
    FactStore<SecureMemcached, CacheFacts> caches =
        new FactStore<>(SecureMemcached::new, CacheFacts::of);
    FactStore<Pod, PodFacts> pods = new FactStore<>(Pod::new, PodFacts::of);
    return new WatchedNamespace(
        name,
        caches,
        pods,
        informer(
            name.isEmpty() ? resources.inAnyNamespace() : resources.inNamespace(name),
            caches,
            deleted),
        informer(
            (name.isEmpty() ? client.pods().inAnyNamespace() : client.pods().inNamespace(name))
                .withLabel(Labels.SERVER_OF),
            pods,
            deleted));
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

  /** Complete once both kinds were read; retries without end where one can't be. */
  CompletableFuture<Void> start() {
    return CompletableFuture.allOf(
        cacheInformer.start().toCompletableFuture(), podInformer.start().toCompletableFuture());
  }

  /** Servers are known once both kinds are: a resource without its pods looks as if it had none. */
  boolean isSynced() {
    return cacheInformer.hasSynced() && podInformer.hasSynced();
  }

  boolean isWatching() {
    return cacheInformer.isWatching() && podInformer.isWatching();
  }

  boolean has(String namespace) {
    return name.isEmpty() || name.equals(namespace);
  }

  @Override
  public void close() {
    cacheInformer.stop();
    podInformer.stop();
  }

  private record Deletions<T>(Runnable deleted) implements ResourceEventHandler<T> {

    @Override
    public void onAdd(T object) {}

    @Override
    public void onUpdate(T before, T object) {}

    @Override
    public void onDelete(T object, boolean isFinalStateUnknown) {
      deleted.run();
    }
  }
}
