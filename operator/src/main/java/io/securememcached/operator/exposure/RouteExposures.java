package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Ingresses and routes whose backend is a Service that selects the servers, the operator's or a
 * foreign one.
 */
public final class RouteExposures {

  private RouteExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    Set<String> services =
        Stream.concat(observed.ownServices().stream(), ServiceExposures.leading(observed))
            .collect(Collectors.toSet());
    return Stream.concat(
        observed.foreign().ingresses().stream()
            .filter(observed::isInNamespace)
            .flatMap(
                ingress ->
                    exposure(
                        Kind.INGRESS_ROUTE,
                        "Ingress " + ingress.getMetadata().getName(),
                        backends(ingress).filter(services::contains))),
        observed.foreign().routes().stream()
            .flatMap(
                route ->
                    exposure(
                        Kind.GATEWAY_ROUTE,
                        describe(observed, route),
                        backends(observed, route).filter(services::contains))));
  }

  private static Stream<String> backends(Ingress ingress) {
    return Stream.concat(
            Stream.ofNullable(ingress.getSpec().getDefaultBackend()),
            ingress.getSpec().getRules().stream()
                .map(IngressRule::getHttp)
                .flatMap(Stream::ofNullable)
                .flatMap(http -> http.getPaths().stream())
                .map(HTTPIngressPath::getBackend))
        .map(IngressBackend::getService)
        .flatMap(Stream::ofNullable)
        .map(service -> service.getName());
  }

  /** Namespaces with Services that a Gateway route references, its own included. */
  public static Set<String> namespaces(GenericKubernetesResource route) {
    String own = route.getMetadata().getNamespace();
    return Stream.concat(
            Stream.of(own),
            references(route.getAdditionalProperties().get("spec"))
                .map(reference -> text(reference, "namespace", own)))
        .collect(Collectors.toSet());
  }

  /** The parts of a Gateway route that this audit reads, as properties of a route. */
  public static Map<String, Object> backendsOf(GenericKubernetesResource route) {
    List<Map<String, String>> backends =
        references(route.getAdditionalProperties().get("spec"))
            .map(
                reference ->
                    Map.of(
                        "group", text(reference, "group", ""),
                        "kind", text(reference, "kind", "Service"),
                        "namespace",
                            text(reference, "namespace", route.getMetadata().getNamespace()),
                        "name", text(reference, "name", "")))
            .distinct()
            .toList();
    return backends.isEmpty() ? Map.of() : Map.of("spec", Map.of("backendRefs", backends));
  }

  private static Stream<String> backends(AuditInput observed, GenericKubernetesResource route) {
    return references(route.getAdditionalProperties().get("spec"))
        .filter(reference -> isService(reference))
        .filter(
            reference ->
                text(reference, "namespace", route.getMetadata().getNamespace())
                    .equals(observed.primary().getMetadata().getNamespace()))
        .map(reference -> text(reference, "name", ""));
  }

  /**
   * All BackendObjectReferences of the Gateway API under a value: the backendRefs of rules, and the
   * backendRef of filters such as one that mirrors requests.
   */
  private static Stream<Map<?, ?>> references(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().flatMap(RouteExposures::references);
    }
    if (!(value instanceof Map<?, ?> map)) {
      return Stream.of();
    }
    return Stream.concat(
        Stream.of(map.get("backendRefs"), map.get("backendRef"))
            .flatMap(
                found -> found instanceof List<?> list ? list.stream() : Stream.ofNullable(found))
            .filter(found -> found instanceof Map<?, ?>)
            .map(found -> (Map<?, ?>) found),
        map.values().stream().flatMap(RouteExposures::references));
  }

  private static boolean isService(Map<?, ?> reference) {
    return text(reference, "group", "").isEmpty()
        && text(reference, "kind", "Service").equals("Service");
  }

  private static String text(Map<?, ?> reference, String field, String otherwise) {
    return reference.get(field) instanceof String text ? text : otherwise;
  }

  private static String describe(AuditInput observed, GenericKubernetesResource route) {
    return route.getKind()
        + " "
        + (observed.isInNamespace(route) ? "" : route.getMetadata().getNamespace() + "/")
        + route.getMetadata().getName();
  }

  private static Stream<Exposure> exposure(Kind kind, String object, Stream<String> backends) {
    Set<String> names = backends.collect(Collectors.toCollection(TreeSet::new));
    return names.isEmpty()
        ? Stream.of()
        : Stream.of(
            new Exposure(
                kind,
                object,
                "routes the clients of its proxy to Service "
                    + String.join(" and ", names)
                    + "; remove this backend, and let clients connect directly through a source zone"));
  }
}
