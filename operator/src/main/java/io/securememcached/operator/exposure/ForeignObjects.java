package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;

/**
 * Foreign objects in a resource's namespace. The operator's own objects may be among them: the
 * audit distinguishes them, as a label alone is easily copied.
 *
 * @param policies with and without the operator's label
 * @param services with and without the operator's label
 * @param endpointSlices those of Kubernetes' own controller may be omitted, as they follow the
 *     Services; not those under its name for Services without a selector
 * @param routes routes of the Gateway API of any kind; of other namespaces too, if they are watched
 * @param unread kinds of which not all objects could be read, and why; sorted
 */
public record ForeignObjects(
    List<NetworkPolicy> policies,
    List<Service> services,
    List<EndpointSlice> endpointSlices,
    List<Ingress> ingresses,
    List<GenericKubernetesResource> routes,
    List<String> unread) {

  public ForeignObjects {
    policies = List.copyOf(policies);
    services = List.copyOf(services);
    endpointSlices = List.copyOf(endpointSlices);
    ingresses = List.copyOf(ingresses);
    routes = List.copyOf(routes);
    unread = List.copyOf(unread);
  }

  /** A namespace without foreign objects. */
  public static ForeignObjects none() {
    return new ForeignObjects(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }
}
