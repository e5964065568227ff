package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.GroupVersionKind;
import io.javaoperatorsdk.operator.processing.event.EventSourceRetriever;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.ForeignObjects;
import io.securememcached.operator.exposure.RouteExposures;
import io.securememcached.operator.resource.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What others made that could open a server. A change of it looks at all resources of its
 * namespace.
 */
final class ForeignSources {

  private static final String NOT_OURS = Labels.MANAGED_BY + "!=" + Labels.OPERATOR;

  /** Kubernetes' own controller follows the Services; hand-made slices do not. */
  private static final String HAND_MADE =
      "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";

  private static final String GATEWAY = "gateway.networking.k8s.io";

  private static final Map<String, List<String>> ROUTES =
      Map.of(
          "v1", List.of("HTTPRoute", "GRPCRoute"),
          "v1alpha2", List.of("TCPRoute", "TLSRoute", "UDPRoute"));

  /** No watch of ours tells of a new kind; whoever installs one does not use it at once. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

  private final EventSourceContext<SecureMemcached> context;
  private final InformerEventSource<NetworkPolicy, SecureMemcached> policies;
  private final InformerEventSource<Service, SecureMemcached> services;
  private final InformerEventSource<EndpointSlice, SecureMemcached> slices;
  private final InformerEventSource<Ingress, SecureMemcached> ingresses;
  private final Map<
          GroupVersionKind, InformerEventSource<GenericKubernetesResource, SecureMemcached>>
      routes = new ConcurrentHashMap<>();
  private Instant nextLook = Instant.MIN;

  /**
   * Watches what every cluster has.
   *
   * @param begun whether whole passes have begun; what is first seen before needs no pass of its
   *     own
   */
  ForeignSources(EventSourceContext<SecureMemcached> context, BooleanSupplier begun) {
    this.context = context;
    policies = source(NetworkPolicy.class, NOT_OURS, context, begun);
    services = source(Service.class, NOT_OURS, context, begun);
    slices = source(EndpointSlice.class, HAND_MADE, context, begun);
    ingresses = source(Ingress.class, null, context, begun);
  }

  /**
   * Watches the routes of the Gateway API that the cluster serves by now: without its CRD a watch
   * would fail. Asks for them with the first whole pass, not while the operator starts, and again
   * later.
   */
  synchronized void discover(EventSourceRetriever<SecureMemcached> sources, Instant now) {
    if (now.isBefore(nextLook)) {
      return;
    }
    ROUTES.forEach(
        (version, kinds) ->
            served(version, context.getClient())
                .filter(kinds::contains)
                .map(kind -> new GroupVersionKind(GATEWAY, version, kind))
                .filter(kind -> !routes.containsKey(kind))
                .forEach(
                    kind -> {
                      InformerEventSource<GenericKubernetesResource, SecureMemcached> source =
                          source(kind, context);
                      sources.dynamicallyRegisterEventSource(source);
                      routes.put(kind, source);
                    }));
    nextLook = now.plus(LOOK_AGAIN);
  }

  private static Stream<String> served(String version, KubernetesClient client) {
    return Stream.ofNullable(client.getApiResources(GATEWAY + "/" + version))
        .flatMap(list -> list.getResources().stream())
        .map(APIResource::getKind)
        .distinct();
  }

  /** Those that every cluster has. */
  Stream<EventSource<?, SecureMemcached>> all() {
    return Stream.of(policies, services, slices, ingresses);
  }

  /**
   * All that may open servers of a namespace.
   *
   * @param children objects with the operator's label, which are not all its own
   */
  ForeignObjects of(String namespace, Stream<HasMetadata> children) {
    List<HasMetadata> labelled = children.toList();
    return new ForeignObjects(
        with(policies, NetworkPolicy.class, namespace, labelled),
        with(services, Service.class, namespace, labelled),
        slices.list(namespace, any -> true).toList(),
        ingresses.list(namespace, any -> true).toList(),
        routes.values().stream().flatMap(source -> source.list(any -> true)).toList());
  }

  private static <T extends HasMetadata> List<T> with(
      InformerEventSource<T, SecureMemcached> source,
      Class<T> kind,
      String namespace,
      List<HasMetadata> labelled) {
    return Stream.concat(
            source.list(namespace, any -> true),
            labelled.stream().filter(kind::isInstance).map(kind::cast))
        .toList();
  }

  private static <T extends HasMetadata> InformerEventSource<T, SecureMemcached> source(
      Class<T> kind,
      String selector,
      EventSourceContext<SecureMemcached> context,
      BooleanSupplier begun) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, SecureMemcached.class)
            .withName("foreign-" + kind.getSimpleName())
            .withLabelSelector(selector)
            .withOnAddFilter(object -> begun.getAsBoolean())
            .withOnUpdateFilter(ForeignSources::isChange)
            .withSecondaryToPrimaryMapper(object -> inNamespaceOf(object, context))
            .build(),
        context);
  }

  private static InformerEventSource<GenericKubernetesResource, SecureMemcached> source(
      GroupVersionKind kind, EventSourceContext<SecureMemcached> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, SecureMemcached.class)
            .withName("foreign-" + kind.getKind())
            .withOnUpdateFilter(ForeignSources::isChange)
            .withSecondaryToPrimaryMapper(
                route ->
                    RouteExposures.namespaces(route).stream()
                        .flatMap(namespace -> in(namespace, context))
                        .collect(Collectors.toSet()))
            .build(),
        context);
  }

  /** A status, such as a load balancer's address, opens nothing by itself. */
  private static boolean isChange(HasMetadata now, HasMetadata before) {
    return now instanceof EndpointSlice
        || !Objects.equals(now.getMetadata().getLabels(), before.getMetadata().getLabels())
        || !Objects.equals(spec(now), spec(before));
  }

  private static Object spec(HasMetadata object) {
    return switch (object) {
      case NetworkPolicy policy -> policy.getSpec();
      case Service service -> service.getSpec();
      case Ingress ingress -> ingress.getSpec();
      case GenericKubernetesResource route -> route.getAdditionalProperties().get("spec");
      default -> object;
    };
  }

  private static Set<ResourceID> inNamespaceOf(
      HasMetadata object, EventSourceContext<SecureMemcached> context) {
    return in(object.getMetadata().getNamespace(), context).collect(Collectors.toSet());
  }

  private static Stream<ResourceID> in(
      String namespace, EventSourceContext<SecureMemcached> context) {
    return context.getPrimaryCache().list(namespace).map(ResourceID::fromResource);
  }
}
