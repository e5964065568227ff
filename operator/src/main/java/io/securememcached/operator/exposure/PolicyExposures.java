package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.securememcached.operator.resource.IntendedTraffic;
import io.securememcached.operator.resource.Mesh;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Foreign policies that select the servers: they add to the operator's. */
final class PolicyExposures {

  private static final String ADVICE =
      "; delete it, or exclude pods with the label securememcached.io/server-of from its podSelector";

  private static final int DNS = 53;
  private static final String NAMES = "port 53 only, for DNS";

  private PolicyExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    List<Map<String, String>> servers =
        observed.serverPods().stream().map(ServerPods::labels).toList();
    ServerPorts ports = ServerPorts.of(observed);
    return observed.others(observed.foreign().policies()).stream()
        .filter(policy -> selects(policy, servers))
        .flatMap(
            policy -> Stream.concat(ingress(policy, ports, observed), egress(policy, observed)));
  }

  private static boolean selects(NetworkPolicy policy, List<Map<String, String>> servers) {
    return servers.stream()
        .anyMatch(
            labels ->
                policy.getSpec().getPodSelector() == null
                    || Selectors.matches(policy.getSpec().getPodSelector(), labels));
  }

  private static Stream<Exposure> ingress(
      NetworkPolicy policy, ServerPorts ports, AuditInput observed) {
    List<String> types = policy.getSpec().getPolicyTypes();
    // Without types a policy applies to ingress.
    if (!types.isEmpty() && !types.contains("Ingress")) {
      return Stream.of();
    }
    ServerPorts own = ServerPorts.own(observed);
    return Stream.concat(
        exposures(
            policy,
            openings(policy, observed, rule -> own.isOpenedBy(rule.getPorts())),
            "allows ingress from %s"),
        exposures(
            policy,
            openings(
                policy,
                observed,
                rule -> !own.isOpenedBy(rule.getPorts()) && ports.isOpenedBy(rule.getPorts())),
            "allows ingress from %s to port "
                + Mesh.HBONE_PORT
                + ", by which an ambient mesh reaches the servers"));
  }

  private static List<Opening> openings(
      NetworkPolicy policy, AuditInput observed, Predicate<NetworkPolicyIngressRule> opens) {
    return policy.getSpec().getIngress().stream()
        .filter(opens)
        .map(
            rule ->
                new Opening(rule.getFrom(), intention(observed, traffic -> traffic.covers(rule))))
        .toList();
  }

  private static Stream<Exposure> egress(NetworkPolicy policy, AuditInput observed) {
    List<String> types = policy.getSpec().getPolicyTypes();
    // Without types its egress rules make it apply to egress.
    if (!types.isEmpty() && !types.contains("Egress")) {
      return Stream.of();
    }
    return exposures(
        policy,
        policy.getSpec().getEgress().stream()
            .map(
                rule ->
                    new Opening(
                        rule.getTo(),
                        isForNames(rule.getPorts())
                            ? Optional.of(NAMES)
                            : intention(observed, traffic -> traffic.covers(rule))))
            .toList(),
        "allows egress to %s");
  }

  /** Whether a rule is for port 53 only, as in each platform's DNS policy. */
  private static boolean isForNames(List<NetworkPolicyPort> ports) {
    return !ports.isEmpty()
        && ports.stream()
            .allMatch(
                port ->
                    port.getPort() != null
                        && Integer.valueOf(DNS).equals(port.getPort().getIntVal())
                        && (port.getEndPort() == null || port.getEndPort() == DNS));
  }

  private static Optional<String> intention(
      AuditInput observed, Predicate<IntendedTraffic> covers) {
    return Stream.concat(observed.intended().stream(), observed.mesh().intended().stream())
        .filter(covers)
        .map(traffic -> "intended as " + traffic.name())
        .findFirst();
  }

  /** One finding for all unintended openings, and one for each intention. */
  private static Stream<Exposure> exposures(
      NetworkPolicy policy, List<Opening> openings, String what) {
    Map<Optional<String>, List<List<NetworkPolicyPeer>>> peers =
        openings.stream()
            .collect(
                Collectors.groupingBy(
                    Opening::intention, Collectors.mapping(Opening::peers, Collectors.toList())));
    return peers.entrySet().stream()
        .map(
            group ->
                new Exposure(
                    Kind.FOREIGN_POLICY,
                    "NetworkPolicy " + policy.getMetadata().getName(),
                    what.formatted(Peers.describe(group.getValue()))
                        + group.getKey().map(why -> " (" + why + ")").orElse(ADVICE),
                    group.getKey().isPresent()));
  }

  /**
   * A rule that exposes the servers.
   *
   * @param intention why it is acceptable; empty if it is not
   */
  private record Opening(List<NetworkPolicyPeer> peers, Optional<String> intention) {}
}
