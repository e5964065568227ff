package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What an informer keeps of its objects: a few facts instead of a pod of some KiB. An object that
 * it gives back has its name and version only, with which an informer compares lists.
 *
 * @param <T> kind of the objects
 * @param <F> what is kept of one
 */
final class FactStore<T extends HasMetadata, F> implements ItemStore<T> {

  private record Kept<F>(String namespace, String name, String version, F facts) {}

  private final Map<String, Kept<F>> kept = new ConcurrentHashMap<>();
  private final Supplier<T> empty;
  private final Function<T, F> facts;

  FactStore(Supplier<T> empty, Function<T, F> facts) {
    this.empty = empty;
    this.facts = facts;
  }

  Optional<F> facts(String namespace, String name) {
    return Optional.ofNullable(kept.get(key(namespace, name))).map(Kept::facts);
  }

  Collection<F> facts() {
    return kept.values().stream().map(Kept::facts).toList();
  }

  @Override
  public String getKey(T object) {
    return key(object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  @Override
  public T put(String key, T object) {
    ObjectMeta meta = object.getMetadata();
    return stub(
        kept.put(
            key,
            new Kept<>(
                meta.getNamespace(),
                meta.getName(),
                meta.getResourceVersion(),
                facts.apply(object))));
  }

  @Override
  public T remove(String key) {
    return stub(kept.remove(key));
  }

  @Override
  public Stream<String> keySet() {
    return kept.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return List.copyOf(kept.values()).stream().map(this::stub);
  }

  @Override
  public int size() {
    return kept.size();
  }

  @Override
  public T get(String key) {
    return stub(kept.get(key));
  }

  /** The interface wants null for nothing. */
  private T stub(Kept<F> one) {
    if (one == null) {
      return null;
    }
    T object = empty.get();
    object.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(one.namespace())
            .withName(one.name())
            .withResourceVersion(one.version())
            .build());
    return object;
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
