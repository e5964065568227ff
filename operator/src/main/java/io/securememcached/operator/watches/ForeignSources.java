package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.ForeignObjects;
import io.securememcached.operator.exposure.RouteExposures;
import io.securememcached.operator.exposure.Slices;
import io.securememcached.operator.resource.Labels;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Foreign objects that could expose a server. A change triggers a reconciliation of all resources
 * whose servers it may expose.
 *
 * <p>Protecting a server does not depend on them. So a kind that can't be read, such as one whose
 * conversion webhook is broken, fails no start and no reconciliation: the audit reports that it is
 * incomplete.
 */
public final class ForeignSources extends SimpleInboundEventSource<SecureMemcached> {

  private static final String NOT_OURS = Labels.MANAGED_BY + "!=" + Labels.OPERATOR;

  /** Slices of Kubernetes' own controller follow the Services; see also {@link ForgedSlices}. */
  private static final String HAND_MADE = Slices.MANAGED_BY + "!=" + Slices.CONTROLLER;

  /** No watch reports a new kind; a newly installed one is rarely used immediately. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

  /** A version that is no longer served shows as a failing watch. */
  private static final Duration LOOK_AGAIN_AFTER_FAULT = Duration.ofSeconds(10);

  /** How long a start waits for lists; later ones are audited later. */
  private static final Duration START = Duration.ofSeconds(10);

  private static final String DISCOVERY = "kinds of " + GatewayRoutes.GROUP;

  private static final Logger LOG = LoggerFactory.getLogger(ForeignSources.class);

  private final EventSourceContext<SecureMemcached> context;
  private final KubernetesClient client;
  private final Set<String> namespaces;
  private final BooleanSupplier begun;
  private final InstantSource clock;
  private final ForeignBudget budget;
  private final WatchFaults faults;
  private final ForgedSlices forged;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("foreign-", 0).factory());

  private final ForeignWatch<NetworkPolicy> policies;
  private final ForeignWatch<Service> services;
  private final ForeignWatch<EndpointSlice> slices;
  private final ForeignWatch<Ingress> ingresses;

  /** By kind. */
  private final Map<String, Routes> routes = new ConcurrentHashMap<>();

  private volatile Optional<String> discoveryFault =
      Optional.of("the initial list is not complete");
  private Instant nextDiscovery = Instant.MIN;
  private volatile Future<?> looking = CompletableFuture.completedFuture(null);

  private record Routes(String version, ForeignWatch<GenericKubernetesResource> watch) {}

  /**
   * Watches the kinds of every cluster, and the routes that a cluster may have.
   *
   * @param begun whether full reconciliations have started; objects that are first seen before
   *     trigger none
   */
  public ForeignSources(
      EventSourceContext<SecureMemcached> context,
      BooleanSupplier begun,
      InstantSource clock,
      ForeignBudget budget,
      WatchFaults faults,
      ForgedSlices forged) {
    super("foreign");
    this.context = context;
    this.client = context.getClient();
    this.begun = begun;
    this.clock = clock;
    this.budget = budget;
    this.faults = faults;
    this.forged = forged;
    namespaces = ForeignWatch.namespaces(context);
    policies = watch(NetworkPolicy.class, NOT_OURS);
    services = watch(Service.class, NOT_OURS);
    slices = watch(EndpointSlice.class, HAND_MADE);
    ingresses = watch(Ingress.class, "");
  }

  /** Returns once all lists are complete, or after some seconds. */
  @Override
  public void start() {
    super.start();
    List<CompletableFuture<Void>> reading = new ArrayList<>();
    Stream.of(policies, services, slices, ingresses).forEach(watch -> reading.add(watch.start()));
    reading.add(
        CompletableFuture.supplyAsync(this::discover, timer).thenCompose(ForeignSources::whenAll));
    whenAll(reading).completeOnTimeout(null, START.toSeconds(), TimeUnit.SECONDS).join();
    looking = timer.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Void> whenAll(List<CompletableFuture<Void>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
  }

  @Override
  public void stop() {
    looking.cancel(true);
    timer.shutdownNow();
    watches().forEach(ForeignWatch::stop);
    super.stop();
  }

  /**
   * All objects that may expose the servers of a resource, from caches but for {@link
   * ForgedSlices}.
   *
   * @param children have objects with the operator's label, which are not all its own
   */
  public ForeignObjects of(ReconcileContext context, ChildSources children) {
    String namespace = context.namespace();
    List<HasMetadata> labelled = children.maySelect(context).toList();
    List<Service> all = services.with(Service.class, namespace, labelled);
    ForgedSlices.Found found = forged.of(context, all);
    return new ForeignObjects(
        policies.with(NetworkPolicy.class, namespace, labelled),
        all,
        Stream.concat(slices.concerning(namespace), found.slices().stream()).toList(),
        ingresses.concerning(namespace).toList(),
        routes.values().stream().flatMap(of -> of.watch().concerning(namespace)).toList(),
        unread(namespace, labelled, found));
  }

  private List<String> unread(
      String namespace, List<HasMetadata> labelled, ForgedSlices.Found found) {
    return Stream.of(
            watches().flatMap(watch -> watch.unread(namespace, labelled)),
            found.unread().stream(),
            discoveryFault.stream().map(text -> DISCOVERY + ": " + text))
        .flatMap(lines -> lines)
        .sorted()
        .toList();
  }

  private Stream<ForeignWatch<?>> watches() {
    return Stream.concat(
        Stream.of(policies, services, slices, ingresses),
        routes.values().stream().map(Routes::watch));
  }

  /** Reports changed faults, and discovers kinds of routes when due. */
  private void look() {
    try {
      boolean failing = discoveryFault.isPresent();
      for (ForeignWatch<?> watch : watches().toList()) {
        watch.look(this::reconcileAllIn);
      }
      failing |= routes.values().stream().anyMatch(of -> of.watch().isFailing());
      Instant now = clock.instant();
      if (!now.isBefore(nextDiscovery)
          || failing
              && !now.isBefore(nextDiscovery.minus(LOOK_AGAIN).plus(LOOK_AGAIN_AFTER_FAULT))) {
        discover();
      }
    } catch (RuntimeException e) {
      // An exception would cancel the timer.
      LOG.error("Could not inspect the watches of foreign objects, will retry", e);
    }
  }

  /**
   * Watches each kind of route in the version that is served now only.
   *
   * @return complete once what is new is read
   */
  private List<CompletableFuture<Void>> discover() {
    nextDiscovery = clock.instant().plus(LOOK_AGAIN);
    Map<String, ResourceDefinitionContext> served;
    try {
      served = GatewayRoutes.served(client);
    } catch (KubernetesClientException e) {
      discovered(Optional.of(WatchFaults.message(e)));
      return List.of();
    }
    List<CompletableFuture<Void>> started = new ArrayList<>();
    served.forEach(
        (kind, definition) -> {
          Routes before = routes.get(kind);
          if (before == null || !before.version().equals(definition.getVersion())) {
            ForeignWatch<GenericKubernetesResource> watch = watch(definition);
            routes.put(kind, new Routes(definition.getVersion(), watch));
            if (before != null) {
              // First, as the new one needs its share of the budget.
              before.watch().stop();
            }
            started.add(watch.start());
          }
        });
    routes.keySet().stream()
        .filter(kind -> !served.containsKey(kind))
        .toList()
        .forEach(
            kind -> {
              routes.remove(kind).watch().stop();
              reconcileAllIn("");
            });
    discovered(Optional.empty());
    return started;
  }

  private void discovered(Optional<String> fault) {
    boolean changed = !fault.equals(discoveryFault);
    discoveryFault = fault;
    faults.report(DISCOVERY, "", fault);
    if (changed) {
      reconcileAllIn("");
    }
  }

  private <T extends HasMetadata> ForeignWatch<T> watch(Class<T> kind, String selector) {
    return new ForeignWatch<>(
        HasMetadata.getKind(kind),
        namespaces,
        namespace ->
            namespace.isEmpty()
                ? client.resources(kind).inAnyNamespace().withLabelSelector(selector)
                : client.resources(kind).inNamespace(namespace).withLabelSelector(selector),
        object -> List.of(object.getMetadata().getNamespace()),
        changes(object -> List.of(object.getMetadata().getNamespace())),
        budget,
        faults);
  }

  private ForeignWatch<GenericKubernetesResource> watch(ResourceDefinitionContext definition) {
    return new ForeignWatch<>(
        definition.getKind(),
        namespaces,
        namespace -> routes(definition, namespace),
        route -> List.copyOf(RouteExposures.namespaces(route)),
        changes(RouteExposures::namespaces),
        budget,
        faults);
  }

  private Informable<GenericKubernetesResource> routes(
      ResourceDefinitionContext definition, String namespace) {
    var all = client.genericKubernetesResources(definition);
    return namespace.isEmpty() ? all.inAnyNamespace() : all.inNamespace(namespace);
  }

  private <T extends HasMetadata> ForeignChanges<T> changes(
      Function<T, ? extends Collection<String>> concerned) {
    return new ForeignChanges<>(begun, concerned, this::reconcileAllIn);
  }

  private void reconcileAllIn(String namespace) {
    (namespace.isEmpty()
            ? context.getPrimaryCache().list()
            : context.getPrimaryCache().list(namespace))
        .map(ResourceID::fromResource)
        .forEach(this::propagateEvent);
  }
}
