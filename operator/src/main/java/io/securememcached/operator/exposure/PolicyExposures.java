package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Policies of others that select the servers: they add up with the operator's. */
final class PolicyExposures {

  private static final String ADVICE =
      "; delete it, or change its podSelector so that it leaves out pods with the label securememcached.io/server-of";

  private PolicyExposures() {}

  static Stream<Exposure> of(Observed observed) {
    List<Map<String, String>> servers =
        observed.serverPods().stream().map(ServerPods::labels).toList();
    ServerPorts ports = ServerPorts.of(observed);
    return observed.others(observed.foreign().policies()).stream()
        .filter(policy -> selects(policy, servers))
        .flatMap(policy -> Stream.concat(ingress(policy, ports), egress(policy)));
  }

  private static boolean selects(NetworkPolicy policy, List<Map<String, String>> servers) {
    return servers.stream()
        .anyMatch(
            labels ->
                policy.getSpec().getPodSelector() == null
                    || Selectors.matches(policy.getSpec().getPodSelector(), labels));
  }

  private static Stream<Exposure> ingress(NetworkPolicy policy, ServerPorts ports) {
    List<String> types = policy.getSpec().getPolicyTypes();
    // Without types a policy is one for ingress.
    if (!types.isEmpty() && !types.contains("Ingress")) {
      return Stream.of();
    }
    List<List<NetworkPolicyPeer>> peers =
        policy.getSpec().getIngress().stream()
            .filter(rule -> ports.isOpenedBy(rule.getPorts()))
            .map(rule -> rule.getFrom())
            .toList();
    return peers.isEmpty()
        ? Stream.of()
        : Stream.of(exposure(policy, "lets in " + Peers.describe(peers) + " to the servers"));
  }

  private static Stream<Exposure> egress(NetworkPolicy policy) {
    List<String> types = policy.getSpec().getPolicyTypes();
    // Without types the rules themselves make it one for egress.
    if (!types.isEmpty() && !types.contains("Egress")) {
      return Stream.of();
    }
    List<List<NetworkPolicyPeer>> peers = new ArrayList<>();
    policy.getSpec().getEgress().forEach(rule -> peers.add(rule.getTo()));
    return peers.isEmpty()
        ? Stream.of()
        : Stream.of(exposure(policy, "lets the servers out to " + Peers.describe(peers)));
  }

  private static Exposure exposure(NetworkPolicy policy, String what) {
    return new Exposure(
        Kind.FOREIGN_POLICY, "NetworkPolicy " + policy.getMetadata().getName(), what + ADVICE);
  }
}
