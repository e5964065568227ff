package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.Optional;

/**
 * Addresses or pods that may connect.
 *
 * @param cidr empty when absent
 * @param cidrsFrom null when absent; see {@link #list}
 * @param podSelector null when absent, as it then goes into the NetworkPolicy
 * @param namespaceSelector null when absent, likewise
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "has(self.cidr) || has(self.cidrsFrom) || has(self.podSelector) || has(self.namespaceSelector)",
    message =
        "a source needs a cidr, a cidrsFrom, a podSelector or a namespaceSelector; an empty source would allow nothing or everything")
@ValidationRule(
    value = "!has(self.cidr) || (!has(self.podSelector) && !has(self.namespaceSelector))",
    message = "a source is either a cidr or a selector; write two sources to allow both")
@ValidationRule(
    value =
        "!has(self.cidrsFrom) || (!has(self.cidr) && !has(self.podSelector) && !has(self.namespaceSelector))",
    message =
        "a source with cidrsFrom has neither a cidr nor a selector; write two sources to allow both")
public record Source(
    @JsonPropertyDescription(
            "Addresses outside of the cluster, such as 10.0.4.7/32. Where the path into the cluster rewrites addresses (NodePort, some load balancers), the servers see the node's address instead.")
        @Size(max = 64)
        @ValidationRule(
            value = "isCIDR(self) && cidr(self) == cidr(self).masked()",
            message =
                "cidr must be a network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length",
            messageExpression =
                "self.matches('"
                    + HOST_NAME
                    + "') ? 'cidr is a host name, and a NetworkPolicy knows addresses only; write its address, such as 10.0.4.7/32, or let a job keep the addresses in a ConfigMap and name it in cidrsFrom' : 'cidr must be a network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length'")
        @ValidationRule(
            value =
                "!isCIDR(self) || self == 'fc00::/7' || cidr(self).prefixLength() >= (cidr(self).ip().family() == 4 ? 8 : self.startsWith('fd') ? 8 : 16)",
            message =
                "cidr is wider than /8 (IPv6: /16, or /8 under fd00) and allows a large part of the internet; name the networks that need the cache")
        String cidr,
    @JsonPropertyDescription(
            "Addresses outside of the cluster from a list that others maintain in a ConfigMap: one CIDR a line, with blank lines and # comments, each by the rules of cidr. Whoever may write the ConfigMap decides who may connect. A change takes effect without a restart. While the list has an error, the last good one stays in force (status.sourceLists). At most 500 CIDRs a list, and 8 such sources a resource.")
        CidrsFrom cidrsFrom,
    @JsonPropertyDescription(
            "Pods by their labels, in this namespace or in those that namespaceSelector selects.")
        @ValidationRule(
            value =
                "(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",
            message =
                "an empty podSelector selects every pod; name the labels of the pods that need the cache (for whole namespaces leave podSelector out and use namespaceSelector)")
        @ValidationRule(
            value =
                "(has(self.matchLabels) && size(self.matchLabels) > 0) || !has(self.matchExpressions) || size(self.matchExpressions) == 0 || self.matchExpressions.exists(e, e.operator in ['In', 'Exists'])",
            message =
                "a podSelector with exclusions only (NotIn, DoesNotExist) selects every pod that it does not name; add a label that the pods have: matchLabels, or an expression with In or Exists")
        LabelSelector podSelector,
    @JsonPropertyDescription(
            "Namespaces by their labels. Alone it allows all their pods, with podSelector only those. The label kubernetes.io/metadata.name selects a namespace by its name.")
        @ValidationRule(
            value =
                "(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",
            message =
                "an empty namespaceSelector selects every namespace; name their labels, such as kubernetes.io/metadata.name: shop")
        @ValidationRule(
            value =
                "(has(self.matchLabels) && size(self.matchLabels) > 0) || !has(self.matchExpressions) || size(self.matchExpressions) == 0 || self.matchExpressions.exists(e, e.operator == 'In' || (e.operator == 'Exists' && e.key != 'kubernetes.io/metadata.name'))",
            message =
                "a namespaceSelector with exclusions only (NotIn, DoesNotExist, or a label that every namespace has) selects every namespace that it does not name; add a label that the namespaces have: matchLabels, or an expression with In or Exists")
        LabelSelector namespaceSelector) {

  /** A name rather than an address: no colon, and a letter in its last label. */
  public static final String HOST_NAME = "^[^:/ ]*[A-Za-z][^.:/ ]*[.]?(/[0-9]*)?$";

  public Source {
    cidr = requireNonNullElse(cidr, "");
  }

  /** Addresses. */
  public static Source ofCidr(String cidr) {
    return new Source(cidr, null, null, null);
  }

  /** The list with the addresses, if that is what the source has. */
  public Optional<CidrsFrom> list() {
    return Optional.ofNullable(cidrsFrom);
  }
}
