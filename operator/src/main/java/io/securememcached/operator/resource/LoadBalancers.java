package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.securememcached.operator.api.v1beta1.External;
import java.util.Map;
import java.util.Set;

/**
 * What each provider's controller needs for an internal load balancer that keeps the client's
 * address. docs/external.md names the sources.
 */
final class LoadBalancers {

  /**
   * Prefixes of annotations by which users tell controllers what to open, and to whom. None is of
   * those that controllers write themselves: GKE's names of its rules under {@code
   * service.kubernetes.io/}, Octavia's id, MetalLB's pool.
   */
  private static final Set<String> DECISIVE =
      Set.of(
          "service.beta.kubernetes.io/",
          "networking.gke.io/load-balancer-type",
          "networking.gke.io/load-balancer-ip-addresses",
          "networking.gke.io/internal-load-balancer-",
          "cloud.google.com/load-balancer-type",
          "loadbalancer.openstack.org/proxy-protocol",
          "loadbalancer.openstack.org/floating-",
          "loadbalancer.openstack.org/class",
          "loadbalancer.openstack.org/enable-health-monitor",
          "metallb.io/address-pool",
          "metallb.io/loadBalancerIPs",
          "metallb.io/allow-shared-ip",
          "metallb.universe.tf/address-pool",
          "metallb.universe.tf/loadBalancerIPs",
          "metallb.universe.tf/allow-shared-ip",
          "lbipam.cilium.io/",
          "io.cilium/lb-ipam-",
          // src-ranges-policy turns the ranges into those that are kept out.
          "service.cilium.io/");

  private LoadBalancers() {}

  /** Annotations of each Service. */
  static Map<String, String> annotations(External.Provider provider) {
    return switch (provider) {
      // Targets are the pods, so that no port of a node is opened; they see the client's address
      // only with preserve_client_ip, which is off for such targets.
      case AWS ->
          Map.of(
              "service.beta.kubernetes.io/aws-load-balancer-type",
              "external",
              "service.beta.kubernetes.io/aws-load-balancer-scheme",
              "internal",
              "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type",
              "ip",
              "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes",
              "preserve_client_ip.enabled=true");
      case GKE -> Map.of("networking.gke.io/load-balancer-type", "Internal");
      case AKS -> Map.of("service.beta.kubernetes.io/azure-load-balancer-internal", "true");
      // Members are all nodes, of which only the server's answers with Local: the health monitor
      // tells Octavia which.
      case OpenStack ->
          Map.of(
              "service.beta.kubernetes.io/openstack-internal-load-balancer",
              "true",
              "loadbalancer.openstack.org/enable-health-monitor",
              "true");
      // The pools of the administrator decide what is internal.
      case MetalLB, Cilium -> Map.of();
    };
  }

  /**
   * Whether the load balancer reaches a server only through a port of each node, as Octavia does.
   * All others send packets to the Service's own address, or to the pod's.
   */
  static boolean needsNodePorts(External.Provider provider) {
    return provider == External.Provider.OpenStack;
  }

  /** Whether a port of every node leads to the server. */
  static boolean hasNodePorts(ServiceSpec service) {
    return Boolean.TRUE.equals(service.getAllocateLoadBalancerNodePorts())
        || service.getPorts().stream()
            .anyMatch(port -> port.getNodePort() != null && port.getNodePort() != 0);
  }

  /** Whether an annotation decides who reaches a load balancer. */
  static boolean isDecisive(String key) {
    return DECISIVE.stream().anyMatch(key::startsWith);
  }
}
