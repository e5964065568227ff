package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Describes the peers of a policy's rules. */
final class Peers {

  /** Maximum number of listed peers. */
  private static final int SHOWN = 3;

  private Peers() {}

  /** One line for several rules; a rule without peers allows everything. */
  static String describe(List<List<NetworkPolicyPeer>> rules) {
    if (rules.stream().anyMatch(List::isEmpty)) {
      return "anywhere";
    }
    List<String> peers = rules.stream().flatMap(List::stream).map(Peers::peer).distinct().toList();
    String shown = peers.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return peers.size() > SHOWN ? shown + " and " + (peers.size() - SHOWN) + " more" : shown;
  }

  private static String peer(NetworkPolicyPeer peer) {
    if (peer.getIpBlock() != null) {
      List<String> except = peer.getIpBlock().getExcept();
      return peer.getIpBlock().getCidr()
          + (except.isEmpty() ? "" : " except " + String.join(" and ", except));
    }
    String pods =
        peer.getPodSelector() == null ? "all pods" : selected("pods", peer.getPodSelector());
    return peer.getNamespaceSelector() == null
        ? pods + " in this namespace"
        : pods + " in " + selected("namespaces", peer.getNamespaceSelector());
  }

  private static String selected(String what, LabelSelector selector) {
    String terms =
        Stream.concat(
                labels(selector.getMatchLabels()),
                selector.getMatchExpressions().stream().map(Peers::expression))
            .sorted()
            .collect(Collectors.joining(","));
    return terms.isEmpty() ? "all " + what : what + " with " + terms;
  }

  private static Stream<String> labels(Map<String, String> labels) {
    return Stream.ofNullable(labels)
        .flatMap(map -> map.entrySet().stream())
        .map(label -> label.getKey() + "=" + label.getValue());
  }

  /** As kubectl writes selectors, except for blanks. */
  private static String expression(LabelSelectorRequirement requirement) {
    return switch (requirement.getOperator()) {
      case "Exists" -> requirement.getKey();
      case "DoesNotExist" -> "!" + requirement.getKey();
      default ->
          requirement.getKey()
              + " "
              + requirement.getOperator().toLowerCase(Locale.ROOT)
              + " ("
              + String.join(",", requirement.getValues())
              + ")";
    };
  }
}
