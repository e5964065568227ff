package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memory.Payload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Watches one kind of foreign objects in each namespace. Where it can't be read it is retried
 * without end, and {@link #fault} reports it; nothing else waits for it.
 */
public final class ForeignWatch<T extends HasMetadata> {

  /** The operator's namespaces that an object affects. */
  private static final String CONCERNS = "concerns";

  private static final String NOT_YET = "the initial list is not complete";

  /** Maximum number of listed objects that are not audited, as messages are limited. */
  private static final int MOST = 3;

  private final String kind;
  private final ForeignBudget budget;
  private final WatchFaults faults;

  /** By namespace, empty for all. */
  private final Map<String, SharedIndexInformer<T>> informers = new HashMap<>();

  private final Map<String, ForeignBudget.Store<T>> stores = new HashMap<>();

  private final Map<String, String> errors = new ConcurrentHashMap<>();
  private final Map<String, Optional<String>> reported = new ConcurrentHashMap<>();

  /**
   * A watch; {@link #start} begins it.
   *
   * @param namespaces to watch, empty for all
   * @param objects the objects of a namespace, all for the empty name
   * @param concerned namespaces whose servers an object may expose
   * @param handler called for each change
   * @param budget memory budget for foreign objects
   */
  public ForeignWatch(
      String kind,
      Set<String> namespaces,
      Function<String, Informable<T>> objects,
      Function<T, List<String>> concerned,
      ResourceEventHandler<T> handler,
      ForeignBudget budget,
      WatchFaults faults) {
    this.kind = kind;
    this.budget = budget;
    this.faults = faults;
    for (String namespace : namespaces.isEmpty() ? Set.of("") : namespaces) {
      ForeignBudget.Store<T> store = budget.new Store<>();
      stores.put(namespace, store);
      informers.put(
          namespace,
          objects
              .apply(namespace)
              .withLimit(Payload.PAGE)
              .runnableInformer(0)
              .itemStore(store)
              .removeIndexer(Cache.NAMESPACE_INDEX)
              .addIndexers(Map.of(CONCERNS, concerned))
              .addEventHandler(handler)
              .addEventHandler(store.lists())
              .exceptionHandler(
                  (started, error) -> {
                    errors.put(namespace, WatchFaults.message(error));
                    return true;
                  }));
    }
  }

  /** The namespaces that the operator watches, empty for all. */
  public static Set<String> namespaces(EventSourceContext<SecureMemcached> context) {
    return context.getControllerConfiguration().getEffectiveNamespaces().stream()
        .filter(namespace -> !namespace.equals(Constants.WATCH_ALL_NAMESPACES))
        .collect(Collectors.toSet());
  }

  /**
   * Starts; complete once all lists are complete, which may never happen, or {@link #stop} was
   * called.
   */
  public CompletableFuture<Void> start() {
    return CompletableFuture.allOf(
            informers.values().stream()
                .map(informer -> informer.start().toCompletableFuture())
                .toArray(CompletableFuture[]::new))
        .exceptionally(stopped -> null);
  }

  /** Ends the watch; it can't be started again, and has no objects any more. */
  public void stop() {
    informers.keySet().forEach(namespace -> faults.report(kind, namespace, Optional.empty()));
    informers.values().forEach(SharedIndexInformer::stop);
    stores.values().forEach(ForeignBudget.Store::close);
  }

  /** All objects that may expose servers of a namespace, without those that are left out. */
  public Stream<T> concerning(String namespace) {
    return indexed(namespace).filter(object -> !ForeignBudget.isLeftOut(object));
  }

  private Stream<T> indexed(String namespace) {
    return informers.values().stream()
        .flatMap(informer -> informer.getIndexer().byIndex(CONCERNS, namespace).stream());
  }

  /** As {@link #concerning}, with those of other objects that are of the kind. */
  List<T> with(Class<T> kind, String namespace, List<HasMetadata> others) {
    return Stream.concat(
            concerning(namespace), others.stream().filter(kind::isInstance).map(kind::cast))
        .toList();
  }

  /** Why not all objects of a namespace are known, if so. */
  public Optional<String> fault(String namespace) {
    String watched = informers.containsKey("") ? "" : namespace;
    SharedIndexInformer<T> informer = informers.get(watched);
    String error = errors.get(watched);
    if (informer == null) {
      return Optional.empty();
    }
    if (!informer.hasSynced()) {
      return Optional.of(Objects.requireNonNullElse(error, NOT_YET));
    }
    return informer.isWatching() ? Optional.empty() : Optional.ofNullable(error);
  }

  /** Whether the first list of a namespace is still under way, without an error so far. */
  boolean isStarting(String namespace) {
    return fault(namespace).filter(NOT_YET::equals).isPresent();
  }

  /**
   * Why not all objects in a namespace, or that affect it, are kept, if so; to follow what they
   * are.
   */
  Optional<String> overflow(String namespace) {
    return stores.values().stream().anyMatch(store -> store.leavesOut(namespace))
            || indexed(namespace).anyMatch(ForeignBudget::isLeftOut)
        ? Optional.of(budget.limits())
        : Optional.empty();
  }

  /**
   * Why not all objects that affect a namespace are audited, if so, as lines of limited number.
   *
   * @param others objects of any kind that {@link #with} adds
   */
  Stream<String> unread(String namespace, List<HasMetadata> others) {
    Stream<String> incomplete =
        Stream.of(
                overflow(namespace).map(why -> "some objects are not audited, " + why).stream(),
                // First, as the operator's own are among them.
                others.stream()
                    .filter(object -> object.getKind().equals(kind))
                    .flatMap(ForeignWatch::cut),
                concerning(namespace).flatMap(ForeignWatch::cut))
            .flatMap(lines -> lines)
            .limit(MOST);
    return Stream.concat(fault(namespace).stream(), incomplete).map(text -> kind + ": " + text);
  }

  /** That an object is cached by name only, if so. */
  static Stream<String> cut(HasMetadata object) {
    return Payload.cutFrom(object).stream()
        .map(
            size ->
                "%s has %d bytes and is not audited (limit: %d bytes); delete it or reduce its size"
                    .formatted(object.getMetadata().getName(), size, Payload.LARGEST));
  }

  /** Whether it can't be read somewhere. */
  boolean isFailing() {
    return informers.keySet().stream().anyMatch(errors::containsKey);
  }

  /**
   * Reports the faults that have changed since the last call.
   *
   * @param changed called for each namespace whose fault has changed, empty for all
   */
  public void look(Consumer<String> changed) {
    for (String namespace : informers.keySet()) {
      Optional<String> fault = fault(namespace);
      if (fault.isEmpty()) {
        errors.remove(namespace);
      }
      Optional<String> before = reported.put(namespace, fault);
      if (!fault.equals(before)) {
        faults.report(kind, namespace, fault.filter(text -> !text.equals(NOT_YET)));
        if (before != null || fault.isPresent()) {
          changed.accept(namespace);
        }
      }
    }
  }
}
