package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Ingress and egress of servers that foreign NetworkPolicies may allow by decision of the cluster's
 * administrator.
 *
 * <p>A rule is identified only by the traffic that it allows. Users of the namespace control a
 * policy's name, labels and annotations, and could forge them. With this list they can allow what
 * the administrator has allowed, and no more.
 *
 * @param name for reports, such as {@code monitoring}
 * @param namespaces namespaces of policies and servers; empty for all
 * @param ingress rules in the form of a NetworkPolicy
 * @param egress likewise
 */
public record IntendedTraffic(
    String name,
    Set<String> namespaces,
    List<NetworkPolicyIngressRule> ingress,
    List<NetworkPolicyEgressRule> egress) {

  public IntendedTraffic {
    namespaces = Set.copyOf(Objects.requireNonNullElse(namespaces, Set.of()));
    ingress = List.copyOf(Objects.requireNonNullElse(ingress, List.of()));
    egress = List.copyOf(Objects.requireNonNullElse(egress, List.of()));
  }

  /** Whether this applies to policies of a namespace. */
  public boolean isFor(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }

  /** Whether all ingress that a rule allows is intended. */
  public boolean covers(NetworkPolicyIngressRule rule) {
    return ingress.stream()
        .anyMatch(
            wider ->
                coversPeers(wider.getFrom(), rule.getFrom())
                    && coversPorts(wider.getPorts(), rule.getPorts()));
  }

  /** Whether all egress that a rule allows is intended. */
  public boolean covers(NetworkPolicyEgressRule rule) {
    return egress.stream()
        .anyMatch(
            wider ->
                coversPeers(wider.getTo(), rule.getTo())
                    && coversPorts(wider.getPorts(), rule.getPorts()));
  }

  /** A rule without peers allows all of them. */
  private static boolean coversPeers(List<NetworkPolicyPeer> wider, List<NetworkPolicyPeer> peers) {
    return wider.isEmpty() || !peers.isEmpty() && wider.containsAll(peers);
  }

  /** A rule without ports allows all of them. */
  private static boolean coversPorts(List<NetworkPolicyPort> wider, List<NetworkPolicyPort> ports) {
    return wider.isEmpty()
        || !ports.isEmpty()
            && ports.stream()
                .allMatch(port -> wider.stream().anyMatch(range -> isWithin(range, port)));
  }

  private static boolean isWithin(NetworkPolicyPort range, NetworkPolicyPort port) {
    if (!protocol(range).equals(protocol(port))) {
      return false;
    }
    if (range.getPort() == null || range.getPort().equals(port.getPort())) {
      return range.getPort() == null || last(port) <= last(range);
    }
    return isNumber(range.getPort())
        && isNumber(port.getPort())
        && range.getPort().getIntVal() <= port.getPort().getIntVal()
        && last(port) <= last(range);
  }

  private static String protocol(NetworkPolicyPort port) {
    return Objects.requireNonNullElse(port.getProtocol(), "TCP");
  }

  private static boolean isNumber(IntOrString port) {
    return port != null && port.getIntVal() != null;
  }

  /** Last number of a range; 0 for a name, which stands for one port. */
  private static int last(NetworkPolicyPort port) {
    if (port.getEndPort() != null) {
      return port.getEndPort();
    }
    return isNumber(port.getPort()) ? port.getPort().getIntVal() : 0;
  }
}
