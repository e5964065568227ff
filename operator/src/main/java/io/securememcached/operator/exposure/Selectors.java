package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;
import java.util.Objects;

/** Kubernetes' label selectors, by its reference of LabelSelector (meta/v1). */
final class Selectors {

  private Selectors() {}

  /** Whether a selector matches an object with these labels; an empty selector matches all. */
  static boolean matches(LabelSelector selector, Map<String, String> labels) {
    return hasAll(selector.getMatchLabels(), labels)
        && selector.getMatchExpressions().stream()
            .allMatch(requirement -> matches(requirement, labels));
  }

  /** Whether a Service's selector matches a pod; a Service without a selector matches none. */
  static boolean matchesService(Map<String, String> selector, Map<String, String> labels) {
    return selector != null && !selector.isEmpty() && hasAll(selector, labels);
  }

  private static boolean hasAll(Map<String, String> wanted, Map<String, String> labels) {
    return wanted == null
        || wanted.entrySet().stream()
            .allMatch(label -> Objects.equals(labels.get(label.getKey()), label.getValue()));
  }

  private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
    String value = labels.get(requirement.getKey());
    return switch (requirement.getOperator()) {
      case "In" -> value != null && requirement.getValues().contains(value);
      // An object without the label is not in the list either.
      case "NotIn" -> value == null || !requirement.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      // An operator of a later Kubernetes version: match, as a false finding is better than a
      // missed one.
      default -> true;
    };
  }
}
