package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The kinds of routes of the Gateway API that a cluster serves, each in one version. */
final class GatewayRoutes {

  static final String GROUP = "gateway.networking.k8s.io";

  private static final Set<String> KINDS =
      Set.of("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute");

  private GatewayRoutes() {}

  /**
   * How to read each kind: in the version that the API server prefers, else in the first that has
   * it. Empty if the Gateway API is not installed.
   *
   * @throws KubernetesClientException if the request to the API server fails
   */
  static Map<String, ResourceDefinitionContext> served(KubernetesClient client) {
    Map<String, ResourceDefinitionContext> served = new LinkedHashMap<>();
    APIGroup group = client.getApiGroup(GROUP);
    if (group == null) {
      return served;
    }
    // The API server sorts them: stable ones first, the newest of these first.
    for (GroupVersionForDiscovery version : group.getVersions()) {
      Optional.ofNullable(client.getApiResources(version.getGroupVersion()))
          .map(APIResourceList::getResources)
          .ifPresent(
              resources ->
                  resources.stream()
                      .filter(resource -> KINDS.contains(resource.getKind()))
                      // Not its subresources, such as its status.
                      .filter(resource -> !resource.getName().contains("/"))
                      .forEach(
                          resource ->
                              served.putIfAbsent(
                                  resource.getKind(), context(resource, version.getVersion()))));
    }
    return served;
  }

  private static ResourceDefinitionContext context(APIResource resource, String version) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(GROUP)
        .withVersion(version)
        .withKind(resource.getKind())
        .withPlural(resource.getName())
        .withNamespaced(true)
        .build();
  }
}
