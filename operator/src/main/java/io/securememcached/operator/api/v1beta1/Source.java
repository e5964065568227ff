package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;

/**
 * Addresses or pods that may connect.
 *
 * @param cidr empty when absent
 * @param podSelector null when absent, as it then goes into the NetworkPolicy
 * @param namespaceSelector null when absent, likewise
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.cidr) || has(self.podSelector) || has(self.namespaceSelector)",
    message =
        "a source needs a cidr, a podSelector or a namespaceSelector; an empty source would allow nothing or everything")
@ValidationRule(
    value = "!has(self.cidr) || (!has(self.podSelector) && !has(self.namespaceSelector))",
    message = "a source is either a cidr or a selector; write two sources to allow both")
public record Source(
    @JsonPropertyDescription(
            "Addresses outside of the cluster, such as 10.0.4.7/32. Where the path into the cluster rewrites addresses (NodePort, some load balancers), the servers see the node's address instead.")
        @Size(max = 64)
        @ValidationRule(
            value = "isCIDR(self) && cidr(self) == cidr(self).masked()",
            message =
                "cidr must be a network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length")
        @ValidationRule(
            value =
                "!isCIDR(self) || self == 'fc00::/7' || cidr(self).prefixLength() >= (cidr(self).ip().family() == 4 ? 8 : self.startsWith('fd') ? 8 : 16)",
            message =
                "cidr is wider than /8 (IPv6: /16, or /8 under fd00) and allows a large part of the internet; name the networks that need the cache")
        String cidr,
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

  public Source {
    cidr = requireNonNullElse(cidr, "");
  }
}
