package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Objects whose owners consent by a label that the operator uses them. One watch for all of a
 * label, of their metadata only: the contents of one are requested by name, by who needs them.
 */
public final class LabelledObjects {

  /** How long a start waits for the list. */
  private static final Duration START = Duration.ofSeconds(10);

  private final Set<String> namespaces;
  private final ForeignWatch<GenericKubernetesResource> watch;
  private final Users users;
  private final Consumer<ResourceID> reconcile;
  private final ScheduledExecutorService timer;
  private final List<Future<?>> tasks = new CopyOnWriteArrayList<>();

  /**
   * Which objects are meant.
   *
   * @param name for faults, such as "user-provided Secret"
   * @param kind such as Secret, of the core API group
   * @param plural such as secrets
   * @param keys under which {@link #concerning} finds an object
   */
  public record Selection(
      String name,
      String kind,
      String plural,
      String label,
      Function<GenericKubernetesResource, List<String>> keys) {

    private Informable<GenericKubernetesResource> of(String namespace, KubernetesClient client) {
      var all =
          client.genericKubernetesResources(
              new ResourceDefinitionContext.Builder()
                  .withVersion("v1")
                  .withKind(kind)
                  .withPlural(plural)
                  .withNamespaced(true)
                  .build());
      return namespace.isEmpty()
          ? all.inAnyNamespace().withLabel(label)
          : all.inNamespace(namespace).withLabel(label);
    }
  }

  /** Which resources use the objects. */
  public interface Users {

    /** The resources that use an object, or would. */
    Stream<SecureMemcached> of(GenericKubernetesResource object);

    /** The resources that use any object of a namespace, of all for the empty name. */
    Stream<SecureMemcached> ofAllIn(String namespace);
  }

  /**
   * A watch; {@link #start} begins it.
   *
   * @param reconcile called for each resource that uses an object that has changed
   * @param budget memory budget for foreign objects
   * @param faults told of what can't be read
   */
  public LabelledObjects(
      Selection selection,
      Users users,
      Consumer<ResourceID> reconcile,
      EventSourceContext<SecureMemcached> context,
      ForeignBudget budget,
      WatchFaults faults) {
    this.users = users;
    this.reconcile = reconcile;
    namespaces = ForeignWatch.namespaces(context);
    watch =
        new ForeignWatch<>(
            selection.name(),
            namespaces,
            namespace -> selection.of(namespace, context.getClient()),
            selection.keys(),
            new Changes(),
            budget,
            faults);
    timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(selection.plural() + "-", 0).factory());
  }

  /** Namespace and name, a key of {@link #concerning}. */
  public static List<String> key(GenericKubernetesResource object) {
    ObjectMeta metadata = object.getMetadata();
    return List.of(metadata.getNamespace() + "/" + metadata.getName());
  }

  /** Returns once the list is complete, or after some seconds. */
  public void start() {
    watch.start().completeOnTimeout(null, START.toSeconds(), TimeUnit.SECONDS).join();
    every(
        Duration.ofSeconds(1), () -> watch.look(namespace -> reconcile(users.ofAllIn(namespace))));
  }

  /** Runs a task again and again, until {@link #stop}. */
  public void every(Duration interval, Runnable task) {
    tasks.add(
        timer.scheduleWithFixedDelay(
            task, interval.toSeconds(), interval.toSeconds(), TimeUnit.SECONDS));
  }

  /** Ends the watch; it can't be started again. */
  public void stop() {
    tasks.forEach(task -> task.cancel(true));
    timer.shutdownNow();
    watch.stop();
  }

  /** Whether the operator watches a namespace. */
  public boolean watches(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }

  /** Why not all objects of a namespace are known, if so. */
  public Optional<String> fault(String namespace) {
    return watch.fault(namespace);
  }

  /** Whether the first list of a namespace is still under way, so that nothing is missing yet. */
  public boolean isStarting(String namespace) {
    return watch.isStarting(namespace);
  }

  /**
   * Why an object that is not known may exist all the same, if so: the memory budget for foreign
   * objects has left some out.
   */
  public Optional<String> shortage(String namespace) {
    return watch
        .overflow(namespace)
        .map(why -> "the operator has left out some objects of this namespace, " + why);
  }

  /** The objects with a key, without their contents. */
  public Stream<GenericKubernetesResource> concerning(String key) {
    return watch.concerning(key);
  }

  private void reconcile(Stream<SecureMemcached> resources) {
    resources.map(ResourceID::fromResource).distinct().forEach(reconcile);
  }

  private final class Changes implements ResourceEventHandler<GenericKubernetesResource> {

    @Override
    public void onAdd(GenericKubernetesResource object) {
      reconcile(users.of(object));
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
      reconcile(Stream.concat(users.of(before), users.of(now)));
    }

    @Override
    public void onDelete(GenericKubernetesResource object, boolean unknownState) {
      reconcile(users.of(object));
    }
  }
}
