package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.securememcached.operator.memcached.ServerAddress;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** EndpointSlices that were not created by Kubernetes' own controller. */
public final class Slices {

  /** Label of a slice: the Service that it adds its addresses to. */
  public static final String SERVICE = "kubernetes.io/service-name";

  /** Label of a slice: who created it, as its author says. */
  public static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

  /** What slices of Kubernetes' own controller have in {@link #MANAGED_BY}. */
  public static final String CONTROLLER = "endpointslice-controller.k8s.io";

  private Slices() {}

  /**
   * Slices of this namespace that belong to a Service and follow no selector. The controller
   * creates slices only for Services with a selector, and deletes foreign ones of these under its
   * name: a slice under its name for a Service without one is forged, or a remnant of its selector.
   */
  static Stream<EndpointSlice> byHand(AuditInput observed) {
    Set<String> selecting =
        Stream.concat(
                observed.ownServices().stream(),
                observed.foreign().services().stream()
                    .filter(observed::isInNamespace)
                    .filter(Slices::hasSelector)
                    .map(service -> service.getMetadata().getName()))
            .collect(Collectors.toSet());
    return observed.foreign().endpointSlices().stream()
        .filter(observed::isInNamespace)
        .filter(slice -> !service(slice).isEmpty())
        .filter(
            slice ->
                !CONTROLLER.equals(label(slice, MANAGED_BY))
                    || !selecting.contains(service(slice)));
  }

  /**
   * Whether a Service has the endpoints of slices that Kubernetes' own controller did not create.
   */
  public static boolean isFedByOthers(Service service) {
    // One of type ExternalName is an alias in DNS, and has no endpoints.
    return !hasSelector(service) && !"ExternalName".equals(service.getSpec().getType());
  }

  /**
   * Whether a slice has one of these addresses.
   *
   * @param addresses in canonical form
   */
  public static boolean hasAny(EndpointSlice slice, Set<String> addresses) {
    return addresses(slice).anyMatch(addresses::contains);
  }

  /** The Service that a slice adds its addresses to; empty for none. */
  static String service(EndpointSlice slice) {
    return label(slice, SERVICE);
  }

  /** In canonical form, as the API server accepts an IPv6 address in any. */
  static Stream<String> addresses(EndpointSlice slice) {
    return slice.getEndpoints().stream()
        .flatMap(endpoint -> endpoint.getAddresses().stream())
        .map(ServerAddress::canonical);
  }

  private static String label(EndpointSlice slice, String key) {
    Map<String, String> labels = slice.getMetadata().getLabels();
    return labels == null ? "" : labels.getOrDefault(key, "");
  }

  private static boolean hasSelector(Service service) {
    Map<String, String> selector = service.getSpec().getSelector();
    return selector != null && !selector.isEmpty();
  }
}
