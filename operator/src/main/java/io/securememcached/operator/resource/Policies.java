package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.Source;
import io.securememcached.operator.api.v1beta1.SourceZone;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The NetworkPolicies: default deny, then the operator, the mesh's probes, and zone by zone.
 *
 * <p>Policies are additive, so each of these is safe on its own and in any order; the default deny
 * is applied first, since a pod that no policy selects accepts all traffic.
 */
final class Policies {

  private static final String COMPONENT = "network-policy";

  private Policies() {}

  static NetworkPolicy defaultDeny(SecureMemcached primary) {
    return policy(primary, Names.defaultDeny(primary), List.of("Ingress", "Egress"), List.of());
  }

  static NetworkPolicy operator(
      SecureMemcached primary, Settings settings, SortedSet<Integer> ports) {
    NetworkPolicyPeer operator =
        new NetworkPolicyPeerBuilder()
            .withNewNamespaceSelector()
            .addToMatchLabels("kubernetes.io/metadata.name", settings.operatorNamespace())
            .endNamespaceSelector()
            .withNewPodSelector()
            .withMatchLabels(settings.operatorLabels())
            .endPodSelector()
            .build();
    return policy(
        primary,
        Names.operator(primary),
        List.of("Ingress"),
        List.of(rule(List.of(operator), ports)));
  }

  /**
   * The kubelet's probes where a mesh changes the address that they come from, without which no
   * server becomes ready; none where they come from the node, which Kubernetes always allows.
   */
  static Optional<NetworkPolicy> mesh(
      SecureMemcached primary, Mesh mesh, SortedSet<Integer> ports) {
    return mesh.probes().isEmpty()
        ? Optional.empty()
        : Optional.of(
            policy(
                primary,
                Names.mesh(primary),
                List.of("Ingress"),
                List.of(rule(mesh.probes(), ports))));
  }

  /**
   * A zone without sources gets no rule, as an empty list of peers would allow everything. A list
   * whose CIDRs are not in the zone's sources admits nobody.
   *
   * @param ports of the servers, and of a mesh
   */
  static NetworkPolicy zone(SecureMemcached primary, SourceZone zone, SortedSet<Integer> ports) {
    List<NetworkPolicyPeer> peers =
        zone.sources().stream()
            .filter(source -> source.list().isEmpty())
            .map(Policies::peer)
            .toList();
    return policy(
        primary,
        Names.zone(primary, zone.name()),
        List.of("Ingress"),
        peers.isEmpty() ? List.of() : List.of(rule(peers, ports)));
  }

  private static NetworkPolicyPeer peer(Source source) {
    NetworkPolicyPeerBuilder peer = new NetworkPolicyPeerBuilder();
    if (!source.cidr().isEmpty()) {
      return peer.withNewIpBlock().withCidr(source.cidr()).endIpBlock().build();
    }
    return peer.withPodSelector(source.podSelector())
        .withNamespaceSelector(source.namespaceSelector())
        .build();
  }

  private static NetworkPolicyIngressRule rule(
      List<NetworkPolicyPeer> peers, SortedSet<Integer> ports) {
    NetworkPolicyIngressRuleBuilder rule = new NetworkPolicyIngressRuleBuilder().withFrom(peers);
    // Numbers, as network plugins differ about names.
    for (int port : ports) {
      rule.addNewPort().withProtocol("TCP").withNewPort(port).endPort();
    }
    return rule.build();
  }

  private static NetworkPolicy policy(
      SecureMemcached primary,
      String name,
      List<String> types,
      List<NetworkPolicyIngressRule> ingress) {
    return new NetworkPolicyBuilder()
        .withMetadata(
            // Without an owner, as the garbage collector would delete it before the servers.
            Labels.withoutOwner(primary, name, COMPONENT)
                .addToLabels(Labels.RESOURCE_UID, primary.getMetadata().getUid())
                .build())
        .withNewSpec()
        .withPodSelector(
            new LabelSelectorBuilder().withMatchLabels(Labels.serverSelector(primary)).build())
        .withPolicyTypes(types)
        .withIngress(ingress)
        .endSpec()
        .build();
  }
}
