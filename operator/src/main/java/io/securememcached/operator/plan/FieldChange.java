package io.securememcached.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A field of the spec that an edit changes.
 *
 * @param path in the spec
 * @param from empty if there was no value
 * @param to empty if there is none any more
 */
public record FieldChange(String path, String from, String to) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** All fields that differ, defaults included, in the order of their paths. */
  static List<FieldChange> between(SecureMemcachedSpec before, SecureMemcachedSpec after) {
    List<FieldChange> changes = new ArrayList<>();
    compare("", MAPPER.valueToTree(before), MAPPER.valueToTree(after), changes);
    return changes;
  }

  private static void compare(
      String path, JsonNode before, JsonNode after, List<FieldChange> changes) {
    if (before.equals(after)) {
      return;
    }
    if (before.isValueNode() || after.isValueNode() || before.isArray() || after.isArray()) {
      changes.add(new FieldChange(path, text(before), text(after)));
      return;
    }
    TreeSet<String> names = new TreeSet<>();
    before.fieldNames().forEachRemaining(names::add);
    after.fieldNames().forEachRemaining(names::add);
    String prefix = path.isEmpty() ? "" : path + ".";
    names.forEach(name -> compare(prefix + name, before.path(name), after.path(name), changes));
  }

  private static String text(JsonNode value) {
    return value.isValueNode() ? value.asText() : value.isMissingNode() ? "" : value.toString();
  }
}
