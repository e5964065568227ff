package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Limits on Kubernetes' own types inside the CRD, which carry none of our annotations.
 *
 * <p>Without them a resource is stored that nobody can use: labels that only the API of a child
 * refuses, or a number that the operator can't read, which would stop its watch of all resources.
 *
 * <p>Where there may be thousands of strings they have a pattern instead of a rule: rules have a
 * budget, patterns have none.
 */
final class CrdLimits {

  /** Apimachinery's {@code validation.IsQualifiedName}: a name, behind a DNS name and a slash. */
  private static final String KEY =
      "^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";

  /** Apimachinery's {@code validation.IsValidLabelValue}. */
  private static final String VALUE = "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$";

  /** Whole numbers that are a {@code long} in Java; all others are an {@code int}. */
  private static final Set<String> LONG = Set.of("tolerationSeconds", "observedGeneration");

  /** A maximum is a float in OpenAPI: the largest whole number below which it holds them all. */
  private static final double LARGEST_LONG = 0x1p53 - 1;

  private CrdLimits() {}

  static void apply(JSONSchemaProps schema) {
    limitIntegers("", schema);
    JSONSchemaProps source = at(schema, "spec", "sourceZones", "sources");
    limitSelector(at(source, "podSelector"));
    limitSelector(at(source, "namespaceSelector"));
    limitLabels(at(schema, "spec", "pod", "labels"));
    limitLabels(at(schema, "spec", "labels"));
    limitLabels(at(schema, "spec", "scheduling", "nodeSelector"));
  }

  private static void limitIntegers(String name, JSONSchemaProps schema) {
    if ("integer".equals(schema.getType())) {
      double largest = LONG.contains(name) ? LARGEST_LONG : Integer.MAX_VALUE;
      if (schema.getMaximum() == null) {
        schema.setMaximum(largest);
      }
      if (schema.getMinimum() == null) {
        schema.setMinimum(-largest);
      }
    }
    if (schema.getProperties() != null) {
      schema.getProperties().forEach(CrdLimits::limitIntegers);
    }
    if (schema.getItems() != null) {
      limitIntegers(name, schema.getItems().getSchema());
    }
  }

  /** The rules of a LabelSelector in the NetworkPolicy API, told when the resource is written. */
  private static void limitSelector(JSONSchemaProps selector) {
    limitLabels(at(selector, "matchLabels"));
    at(selector, "matchLabels").setMaxProperties(16L);
    selector.getProperties().get("matchExpressions").setMaxItems(16L);
    JSONSchemaProps expression = at(selector, "matchExpressions");
    expression.setRequired(List.of("key", "operator"));
    at(expression, "key").setPattern(KEY);
    at(expression, "operator")
        .setEnum(
            Stream.of("In", "NotIn", "Exists", "DoesNotExist")
                .<JsonNode>map(JsonNodeFactory.instance::textNode)
                .toList());
    expression.getProperties().get("values").setMaxItems(64L);
    at(expression, "values").setPattern(VALUE);
    addRule(
        expression,
        "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
        "operators In and NotIn need values, Exists and DoesNotExist take none");
  }

  private static void limitLabels(JSONSchemaProps labels) {
    labels.getAdditionalProperties().getSchema().setPattern(VALUE);
    if (labels.getMaxProperties() == null) {
      labels.setMaxProperties(32L);
    }
    addRule(
        labels,
        "self.all(key, key.matches('" + KEY + "'))",
        "a label's key is at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends; a prefix before it is a DNS name and '/'");
  }

  /** The schema of a field; of its items where it is a list. */
  private static JSONSchemaProps at(JSONSchemaProps schema, String... path) {
    JSONSchemaProps found = schema;
    for (String name : path) {
      found = found.getProperties().get(name);
      found = found.getItems() == null ? found : found.getItems().getSchema();
    }
    return found;
  }

  private static void addRule(JSONSchemaProps schema, String rule, String message) {
    List<ValidationRule> rules = new ArrayList<>();
    if (schema.getXKubernetesValidations() != null) {
      rules.addAll(schema.getXKubernetesValidations());
    }
    rules.add(new ValidationRuleBuilder().withRule(rule).withMessage(message).build());
    schema.setXKubernetesValidations(rules);
  }
}
