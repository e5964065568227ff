package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Apimachinery's {@code resource.Quantity}, without a minus. */
  private static final String AMOUNT =
      "^[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]+)?$";

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

  /**
   * Amounts as in a Pod. Kubernetes reads them from a string or a number, {@code cpu: 0.5} without
   * quotes too. A schema of integers and strings refuses that, and one without a type is not seen
   * by rules: so only the amount of which a fraction makes sense has none.
   */
  static void amounts(JSONSchemaProps amounts) {
    JSONSchemaProps bytes = amounts.getAdditionalProperties().getSchema();
    amounts.setAdditionalProperties(null);
    Map<String, JSONSchemaProps> properties = new LinkedHashMap<>();
    properties.put(
        "cpu",
        new JSONSchemaPropsBuilder()
            .withDescription("Processors, such as 500m, \"0.5\" or 0.5.")
            .withXKubernetesPreserveUnknownFields(true)
            .withPattern(AMOUNT)
            .withMaxLength(64L)
            .withMinimum(0.0)
            .withMaxItems(0L)
            .withMaxProperties(0L)
            .withNot(
                new JSONSchemaPropsBuilder()
                    .withEnum(
                        JsonNodeFactory.instance.booleanNode(true),
                        JsonNodeFactory.instance.booleanNode(false),
                        JsonNodeFactory.instance.arrayNode(),
                        JsonNodeFactory.instance.objectNode())
                    .build())
            .build());
    properties.put("memory", described(bytes, "Bytes, such as 256Mi."));
    properties.put("ephemeral-storage", described(bytes, "Bytes on the node's disk."));
    amounts.setProperties(properties);
  }

  private static JSONSchemaProps described(JSONSchemaProps schema, String description) {
    return new JSONSchemaPropsBuilder(schema).withDescription(description).build();
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
