package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.memory.Payload;
import io.securememcached.operator.resource.ExternalServices;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Ownership;
import io.securememcached.operator.zones.LoadedList;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Caches of the children, by kind, and of the servers' pods.
 *
 * <p>Every watch has a label selector, so the caches hold the operator's own objects only; an
 * unselected watch on Secrets would keep every Secret of the cluster in memory.
 */
public final class ChildSources {

  private final KubernetesClient client;
  private final InformerEventSource<NetworkPolicy, SecureMemcached> policies;
  private final Map<Class<? extends HasMetadata>, InformerEventSource<?, SecureMemcached>> others;
  private final InformerEventSource<Pod, SecureMemcached> pods;

  /**
   * Watches the children.
   *
   * @param begun whether reconciliations have started; objects that are first seen before trigger
   *     none
   * @param childGone called for each deleted child that is not a policy
   * @param podGone told of each server's pod that is gone, after {@link #exists} says so
   */
  public ChildSources(
      EventSourceContext<SecureMemcached> context,
      BooleanSupplier begun,
      Consumer<HasMetadata> childGone,
      Consumer<Pod> podGone) {
    client = context.getClient();
    policies = source(NetworkPolicy.class, begun, policy -> {}, context);
    others = new LinkedHashMap<>();
    for (Class<? extends HasMetadata> kind :
        List.<Class<? extends HasMetadata>>of(
            Secret.class,
            ServiceAccount.class,
            Service.class,
            StatefulSet.class,
            PodDisruptionBudget.class)) {
      others.put(kind, source(kind, begun, childGone, context));
    }
    policies.addIndexers(Map.of(SelectedServers.INDEX, SelectedServers::keys));
    of(Service.class).addIndexers(Map.of(SelectedServers.INDEX, SelectedServers::keys));
    pods =
        new InformerEventSource<>(
            configuration(Pod.class, Labels.SERVER_OF, begun)
                .withOnUpdateFilter((pod, before) -> ReplacedPods.report(before, pod, podGone))
                .withOnDeleteFilter(
                    (pod, unknownState) -> {
                      podGone.accept(pod);
                      return true;
                    })
                .build(),
            context);
  }

  /** The watches. */
  public Stream<EventSource<?, SecureMemcached>> all() {
    return Stream.concat(Stream.of(policies, pods), others.values().stream()).map(source -> source);
  }

  /**
   * Kinds whose list of a namespace is not complete yet. Except for policies, an empty cache looks
   * as if there were no children and no servers.
   */
  public List<String> unread(String namespace) {
    return Stream.concat(Stream.of(policies, pods), others.values().stream())
        .filter(source -> !isRead(source.informerHealthIndicators(), namespace))
        .map(source -> HasMetadata.getKind(source.resourceType()))
        .sorted()
        .toList();
  }

  private static boolean isRead(Map<String, InformerHealthIndicator> informers, String namespace) {
    InformerHealthIndicator all = informers.get(Constants.WATCH_ALL_NAMESPACES);
    InformerHealthIndicator informer = all == null ? informers.get(namespace) : all;
    return informer == null || informer.hasSynced();
  }

  /** A child as last seen or applied; one that is too large for the cache is requested. */
  public <T extends HasMetadata> Optional<T> get(Class<T> kind, String namespace, String name) {
    return of(kind)
        .get(new ResourceID(name, namespace))
        .flatMap(
            child ->
                Payload.cutFrom(child).isEmpty()
                    ? Optional.of(child)
                    : Optional.ofNullable(
                        client.resources(kind).inNamespace(namespace).withName(name).get()));
  }

  /** The policies of a resource, those to be pruned included. */
  public Stream<NetworkPolicy> policiesOf(SecureMemcached primary) {
    return policies.getSecondaryResources(primary).stream();
  }

  /** The policies of a resource that may be deleted. */
  public List<NetworkPolicy> policiesOf(ResourceID resource) {
    return policies
        .list(
            resource.getNamespace().orElseThrow(),
            policy -> resource.getName().equals(ClaimedOwners.label(policy, Labels.RESOURCE)))
        .toList();
  }

  /** All resources that have a policy, also deleted ones. */
  public Set<ResourceID> policyOwners() {
    return policies
        .list(policy -> ClaimedOwners.label(policy, Labels.RESOURCE) != null)
        .map(
            policy ->
                new ResourceID(
                    ClaimedOwners.label(policy, Labels.RESOURCE),
                    policy.getMetadata().getNamespace()))
        .collect(Collectors.toSet());
  }

  /** Whether a possibly deleted resource has servers, or a StatefulSet that creates some. */
  public boolean hasServers(ResourceID resource) {
    String namespace = resource.getNamespace().orElseThrow();
    return get(StatefulSet.class, namespace, resource.getName())
            .filter(set -> Labels.selectsServersOf(resource.getName(), set))
            .isPresent()
        || pods.list(
                namespace,
                pod -> resource.getName().equals(ClaimedOwners.label(pod, Labels.SERVER_OF)))
            .findAny()
            .isPresent();
  }

  /** What a reconciliation that begins now looks at. */
  public ReconcileContext context(
      SecureMemcached primary,
      List<LoadedList> lists,
      Instant now,
      Context<SecureMemcached> framework) {
    return new ReconcileContext(
        LoadedList.resolved(primary, lists),
        setOf(primary),
        List.copyOf(pods.getSecondaryResources(primary)),
        lists,
        now,
        framework);
  }

  /**
   * Ports of the running servers. Where pods can't be read, the ports of the policies are used
   * instead, as a rollout of another port may be in progress.
   */
  public Set<Integer> portsInUse(ReconcileContext context) {
    SecureMemcached primary = context.primary();
    if (isRead(pods.informerHealthIndicators(), context.namespace())) {
      return ServerPods.ports(context.pods());
    }
    return get(NetworkPolicy.class, context.namespace(), Names.operator(primary))
        .filter(policy -> Ownership.isOwned(primary, policy))
        .map(ServerPods::ports)
        .orElse(Set.of());
  }

  /** All other children of a resource, superfluous ones included. */
  public Stream<HasMetadata> othersOf(SecureMemcached primary) {
    return others.values().stream()
        .flatMap(source -> source.getSecondaryResources(primary).stream());
  }

  /** The Services for clients outside of the cluster, superfluous ones included. */
  public List<Service> externalServices(SecureMemcached primary) {
    return of(Service.class).getSecondaryResources(primary).stream()
        .filter(service -> ExternalServices.isOne(primary, service))
        .filter(service -> Ownership.isAdoptable(primary, service))
        .map(Service::getMetadata)
        .flatMap(of -> get(Service.class, of.getNamespace(), of.getName()).stream())
        .toList();
  }

  /** Whether a Secret of this resource is in the cache. */
  public boolean hasSecret(SecureMemcached primary, String name) {
    return of(Secret.class)
        .get(new ResourceID(name, primary.getMetadata().getNamespace()))
        .filter(secret -> Ownership.isAdoptable(primary, secret))
        .isPresent();
  }

  /** Whether a Secret has these values, as last seen or applied. */
  public boolean isStored(Secret own) {
    ObjectMeta meta = own.getMetadata();
    return get(Secret.class, meta.getNamespace(), meta.getName())
        .filter(seen -> own.getData().equals(seen.getData()))
        .isPresent();
  }

  /** The StatefulSet of a resource as last seen or applied; none if it is foreign. */
  public Optional<StatefulSet> setOf(SecureMemcached primary) {
    ObjectMeta meta = primary.getMetadata();
    return get(StatefulSet.class, meta.getNamespace(), meta.getName())
        .filter(set -> Ownership.isAdoptable(primary, set));
  }

  /** Whether this pod still exists, not a successor of its name. */
  public boolean exists(Pod pod) {
    return pods.get(ResourceID.fromResource(pod))
        .filter(now -> ReplacedPods.isSame(now, pod))
        .isPresent();
  }

  /**
   * Policies and Services with the operator's label, foreign ones included, that may select this
   * resource's servers. Those that select the servers of another resource are skipped, as their
   * number must not affect this one.
   */
  Stream<HasMetadata> maySelect(ReconcileContext context) {
    return SelectedServers.keys(context.primary(), context.labelledPods()).stream()
        .flatMap(
            key ->
                Stream.of(policies, of(Service.class))
                    .flatMap(source -> source.byIndex(SelectedServers.INDEX, key).stream()));
  }

  /**
   * Makes a write visible before its event arrives, and prevents that event from triggering a
   * reconciliation. It replaces an earlier version only.
   */
  public <T extends HasMetadata> void written(Class<T> kind, T child) {
    ResourceID id = ResourceID.fromResource(child);
    Optional<String> seen = of(kind).get(id).map(now -> now.getMetadata().getResourceVersion());
    if (!seen.equals(Optional.of(child.getMetadata().getResourceVersion()))) {
      // Also after a change: an update fails where the child has left the cache meanwhile.
      of(kind).handleRecentResourceCreate(id, child);
    }
  }

  @SuppressWarnings("unchecked")
  private <T extends HasMetadata> InformerEventSource<T, SecureMemcached> of(Class<T> kind) {
    return (InformerEventSource<T, SecureMemcached>)
        (kind.equals(NetworkPolicy.class) ? policies : others.get(kind));
  }

  private static <T extends HasMetadata> InformerEventSource<T, SecureMemcached> source(
      Class<T> kind,
      BooleanSupplier begun,
      Consumer<HasMetadata> gone,
      EventSourceContext<SecureMemcached> context) {
    return new InformerEventSource<>(
        configuration(kind, Labels.MANAGED_BY + "=" + Labels.OPERATOR, begun)
            .withOnDeleteFilter(
                (child, unknownState) -> {
                  gone.accept(child);
                  return true;
                })
            .build(),
        context);
  }

  private static <T extends HasMetadata> InformerEventSourceConfiguration.Builder<T> configuration(
      Class<T> kind, String labelSelector, BooleanSupplier begun) {
    return InformerEventSourceConfiguration.from(kind, SecureMemcached.class)
        .withName(kind.getSimpleName())
        .withLabelSelector(labelSelector)
        .withInformerListLimit(Payload.PAGE)
        .withOnAddFilter(child -> begun.getAsBoolean())
        .withSecondaryToPrimaryMapper(ClaimedOwners::all);
  }
}
