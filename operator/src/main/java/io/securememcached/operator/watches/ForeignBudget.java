package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.securememcached.operator.memory.JsonSize;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Memory budget for foreign objects of all kinds. A namespace may use a quarter of it, so that one
 * tenant's objects don't displace those of others. Objects beyond the budget are not cached, and
 * this is reported.
 */
public final class ForeignBudget {

  /** Of the heap, in characters of JSON; an object takes about three times that. */
  private static final int SHARE_OF_HEAP = 10;

  private static final int SHARE_OF_NAMESPACE = 4;

  /** Maximum number of objects of a namespace and a watch that are left out and known by name. */
  static final int MOST_LEFT_OUT = 200;

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

  /** Why objects are left out. */
  String limits() {
    return "as they exceed the memory budget (%d bytes per namespace, %d in total); delete some and restart the operator, or raise its memory limit"
        .formatted(bytes / SHARE_OF_NAMESPACE, bytes);
  }

  /**
   * Whether an object of a {@link Store} only stands for one that was left out. The API server
   * gives every object a uid, so nobody can create one that looks like it.
   */
  static boolean isLeftOut(HasMetadata object) {
    return object.getMetadata().getUid() == null;
  }

  /**
   * The objects of one watch, within the budget. For one that is left out it has an empty object
   * with its name, so that the informer removes it like any other, and reports that: by an event,
   * or after a list without it.
   */
  final class Store<T extends HasMetadata> extends BasicItemStore<T> {

    private final Map<String, Long> sizes = new HashMap<>();

    /** Keys of the empty objects, by namespace. */
    private final Map<String, Set<String>> left = new HashMap<>();

    /**
     * Namespaces with objects that not even an empty one stands for, and the number of complete
     * lists when the last one was left out.
     */
    private final Map<String, Integer> unknown = new HashMap<>();

    private int lists;
    private boolean closed;

    Store() {
      super(Cache::metaNamespaceKeyFunc);
    }

    /** Returns the earlier object, none if it was left out: the new one is reported as added. */
    @Override
    public synchronized T put(String key, T object) {
      long size = JsonSize.of(object);
      release(key);
      T before;
      if (closed) {
        before = super.remove(key);
      } else if (take(namespace(key), size)) {
        sizes.put(key, size);
        // In one step, as readers take no lock.
        before = super.put(key, object);
      } else {
        before = leaveOut(key, object);
      }
      return before == null || isLeftOut(before) ? null : before;
    }

    @Override
    public synchronized T remove(String key) {
      release(key);
      return super.remove(key);
    }

    /** Gives the share of an object back. */
    private void release(String key) {
      String namespace = namespace(key);
      Long size = sizes.remove(key);
      if (size != null) {
        give(namespace, size);
      }
      left.computeIfPresent(
          namespace, (name, keys) -> keys.remove(key) && keys.isEmpty() ? null : keys);
    }

    private T leaveOut(String key, T object) {
      Set<String> keys = left.computeIfAbsent(namespace(key), name -> new HashSet<>());
      if (keys.size() < MOST_LEFT_OUT) {
        keys.add(key);
        return super.put(key, emptied(object));
      }
      unknown.put(namespace(key), lists);
      return super.remove(key);
    }

    /** Whether objects of a namespace are not cached. */
    synchronized boolean leavesOut(String namespace) {
      return left.containsKey(namespace) || unknown.containsKey(namespace);
    }

    /** Gives all back, for a watch that has ended; what comes late is not cached. */
    synchronized void close() {
      closed = true;
      keySet().toList().forEach(this::remove);
      unknown.clear();
    }

    /** To be told of each complete list. */
    ResourceEventHandler<T> lists() {
      return new ResourceEventHandler<>() {
        @Override
        public void onList(String resourceVersion, boolean remainedEmpty) {
          listed();
        }

        @Override
        public void onAdd(T object) {
          // It is stored already.
        }

        @Override
        public void onUpdate(T before, T now) {
          // It is stored already.
        }

        @Override
        public void onDelete(T object, boolean unknownState) {
          // It is removed already.
        }
      };
    }

    /** A list has all objects, so those that it did not leave out again are gone or stored. */
    private synchronized void listed() {
      unknown.values().removeIf(before -> before < lists);
      lists++;
    }

    @SuppressWarnings("unchecked")
    private T emptied(T object) {
      ObjectMeta meta = object.getMetadata();
      HasMetadata empty =
          switch (object) {
            case NetworkPolicy policy -> new NetworkPolicy();
            case Service service -> new Service();
            case EndpointSlice slice -> new EndpointSlice();
            case Ingress ingress -> new Ingress();
            case GenericKubernetesResource route -> new GenericKubernetesResource();
            default -> throw new IllegalArgumentException("Kind without a budget: " + object);
          };
      empty.setMetadata(
          new ObjectMetaBuilder()
              .withNamespace(meta.getNamespace())
              .withName(meta.getName())
              .withResourceVersion(meta.getResourceVersion())
              .build());
      return (T) empty;
    }

    private static String namespace(String key) {
      int slash = key.indexOf('/');
      return slash < 0 ? "" : key.substring(0, slash);
    }
  }
}
