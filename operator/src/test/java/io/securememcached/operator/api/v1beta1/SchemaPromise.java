package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a schema breaks that an earlier one of the same API version allowed: a resource that was
 * valid must stay valid, keep all its fields and get the same defaults (docs/api-promise.md).
 */
final class SchemaPromise {

  private static final List<String> UPPER =
      List.of("maximum", "maxLength", "maxItems", "maxProperties");
  private static final List<String> LOWER =
      List.of("minimum", "minLength", "minItems", "minProperties");

  /** May be dropped, but neither added nor changed. */
  private static final List<String> DROPPABLE =
      List.of("pattern", "format", "oneOf", "anyOf", "allOf", "not");

  /** What a field is. */
  private static final List<String> FIXED =
      List.of(
          "type",
          "default",
          "x-kubernetes-int-or-string",
          "x-kubernetes-preserve-unknown-fields",
          "x-kubernetes-list-type",
          "x-kubernetes-list-map-keys",
          "x-kubernetes-map-type");

  private final Set<String> reviewedRules;
  private final List<String> broken = new ArrayList<>();

  private SchemaPromise(Set<String> reviewedRules) {
    this.reviewedRules = reviewedRules;
  }

  /**
   * One line for each broken promise.
   *
   * @param reviewedRules rules in CEL that are new on an old field, and refuse nothing that was
   *     valid
   */
  static List<String> broken(JsonNode before, JsonNode now, Set<String> reviewedRules) {
    SchemaPromise promise = new SchemaPromise(reviewedRules);
    promise.compare("", before, now);
    return promise.broken;
  }

  /** Whether a value has all that another one has; lists are of the same length. */
  static boolean contains(JsonNode value, JsonNode part) {
    if (value == null) {
      return false;
    }
    if (part.isObject()) {
      return value.isObject()
          && part.properties().stream()
              .allMatch(field -> contains(value.get(field.getKey()), field.getValue()));
    }
    if (part.isArray()) {
      if (!value.isArray() || value.size() != part.size()) {
        return false;
      }
      for (int i = 0; i < part.size(); i++) {
        if (!contains(value.get(i), part.get(i))) {
          return false;
        }
      }
      return true;
    }
    return part.isNumber() && value.isNumber()
        ? part.asDouble() == value.asDouble()
        : part.equals(value);
  }

  private void compare(String path, JsonNode before, JsonNode now) {
    for (String key : FIXED) {
      if (!isSame(before.get(key), now.get(key))) {
        broken.add(path + ": " + key + " is " + now.get(key) + " and was " + before.get(key));
      }
    }
    for (String key : DROPPABLE) {
      if (now.has(key) && !now.get(key).equals(before.get(key))) {
        broken.add(path + ": " + key + " is " + now.get(key) + " and was " + before.get(key));
      }
    }
    UPPER.forEach(key -> limit(path, key, 1, before, now));
    LOWER.forEach(key -> limit(path, key, -1, before, now));
    enumeration(path, before.get("enum"), now.get("enum"));
    added(path, "required", strings(before.path("required")), strings(now.path("required")));
    Set<String> rules = rules(before);
    rules.addAll(reviewedRules);
    added(path, "rule", rules, rules(now));
    children(path, before, now);
  }

  private void children(String path, JsonNode before, JsonNode now) {
    for (Map.Entry<String, JsonNode> field : before.path("properties").properties()) {
      child(
          path + "." + field.getKey(),
          field.getValue(),
          now.path("properties").path(field.getKey()));
    }
    if (before.has("items")) {
      child(path + "[]", before.get("items"), now.path("items"));
    }
    if (before.path("additionalProperties").isObject()) {
      child(path + "{}", before.get("additionalProperties"), now.path("additionalProperties"));
    }
  }

  private void child(String path, JsonNode before, JsonNode now) {
    if (now.isMissingNode()) {
      broken.add(path + ": removed");
    } else {
      compare(path, before, now);
    }
  }

  /** A default of an object may get the defaults of new fields. */
  private static boolean isSame(JsonNode before, JsonNode now) {
    return before == null ? now == null : contains(now, before);
  }

  private void limit(String path, String key, int sign, JsonNode before, JsonNode now) {
    Optional<Double> old = number(before, key);
    Optional<Double> limit = number(now, key);
    if (limit.isPresent() && (old.isEmpty() || sign * (limit.get() - old.get()) < 0)) {
      broken.add(path + ": " + key + " is " + now.get(key) + " and was " + before.get(key));
    }
  }

  private void enumeration(String path, JsonNode before, JsonNode now) {
    if (now == null) {
      return;
    }
    if (before == null || !strings(now).containsAll(strings(before))) {
      broken.add(path + ": enum is " + now + " and was " + before);
    }
  }

  private void added(String path, String what, Set<String> before, Set<String> now) {
    now.stream()
        .filter(value -> !before.contains(value))
        .forEach(value -> broken.add(path + ": new " + what + " " + value));
  }

  private static Optional<Double> number(JsonNode schema, String key) {
    return Optional.ofNullable(schema.get(key)).map(JsonNode::asDouble);
  }

  private static Set<String> rules(JsonNode schema) {
    return schema
        .path("x-kubernetes-validations")
        .valueStream()
        .map(rule -> rule.get("rule").asText())
        .collect(Collectors.toSet());
  }

  private static Set<String> strings(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).collect(Collectors.toSet());
  }
}
