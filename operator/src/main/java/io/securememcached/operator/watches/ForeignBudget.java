package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.securememcached.operator.memory.JsonSize;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Memory budget for foreign objects of all kinds. A namespace may use a quarter of it, so that one
 * tenant's objects don't displace those of others. Objects beyond the budget are not cached, and
 * this is reported.
 */
public final class ForeignBudget {

  /** Of the heap, in characters of JSON; an object takes about three times that. */
  private static final int SHARE_OF_HEAP = 10;

  private static final int SHARE_OF_NAMESPACE = 4;

  private final long bytes;
  private long used;
  private final Map<String, Long> usedByNamespace = new HashMap<>();

  /** A budget in proportion to the heap. */
  public static ForeignBudget ofHeap() {
    return new ForeignBudget(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /**
   * A budget.
   *
   * @param bytes of JSON, for all namespaces
   */
  ForeignBudget(long bytes) {
    this.bytes = bytes;
  }

  private synchronized boolean take(String namespace, long size) {
    long ofNamespace = usedByNamespace.getOrDefault(namespace, 0L) + size;
    if (used + size > bytes || ofNamespace > bytes / SHARE_OF_NAMESPACE) {
      return false;
    }
    used += size;
    usedByNamespace.put(namespace, ofNamespace);
    return true;
  }

  private synchronized void give(String namespace, long size) {
    used -= size;
    usedByNamespace.computeIfPresent(namespace, (name, of) -> of > size ? of - size : null);
  }

  /** The objects of one watch, within the budget. */
  final class Store<T extends HasMetadata> extends BasicItemStore<T> {

    private final Map<String, Long> sizes = new HashMap<>();

    /** Number of objects of a namespace that are not cached. */
    private final Map<String, Integer> left = new HashMap<>();

    Store() {
      super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public synchronized T put(String key, T object) {
      T before = remove(key);
      String namespace = namespace(key);
      long size = JsonSize.of(object);
      if (take(namespace, size)) {
        sizes.put(key, size);
        super.put(key, object);
      } else {
        left.merge(namespace, 1, Integer::sum);
      }
      return before;
    }

    @Override
    public synchronized T remove(String key) {
      Long size = sizes.remove(key);
      if (size == null) {
        left.computeIfPresent(namespace(key), (name, count) -> count > 1 ? count - 1 : null);
      } else {
        give(namespace(key), size);
      }
      return super.remove(key);
    }

    /** Why not all objects of a namespace are cached, if so; to follow what they are. */
    synchronized Optional<String> overflow(String namespace) {
      return Optional.ofNullable(left.get(namespace))
          .map(
              count ->
                  "as they exceed the memory budget (%d bytes per namespace, %d in total); delete some, or raise the operator's memory limit"
                      .formatted(bytes / SHARE_OF_NAMESPACE, bytes));
    }

    private static String namespace(String key) {
      int slash = key.indexOf('/');
      return slash < 0 ? "" : key.substring(0, slash);
    }
  }
}
