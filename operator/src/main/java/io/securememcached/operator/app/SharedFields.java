package io.securememcached.operator.app;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import io.fabric8.kubernetes.api.model.FieldsV1;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Reads who owns which field of an object, and keeps what is equal once. A tree of maps for each
 * field of each object is most of what an object takes in memory, and the children of one resource
 * are owned as those of the next.
 */
final class SharedFields extends JsonDeserializer<FieldsV1> {

  /** Gone once nobody uses it. */
  private final Map<Map<String, Object>, WeakReference<Map<String, Object>>> known =
      new WeakHashMap<>();

  @Override
  public FieldsV1 deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    Map<String, Object> tree =
        context.readValue(
            parser,
            context.getTypeFactory().constructMapType(Map.class, String.class, Object.class));
    FieldsV1 fields = new FieldsV1();
    fields.setAdditionalProperties(shared(tree));
    return fields;
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> shared(Map<String, Object> tree) {
    if (tree.isEmpty()) {
      return Map.of();
    }
    tree.replaceAll(
        (key, value) -> value instanceof Map<?, ?> map ? shared((Map<String, Object>) map) : value);
    synchronized (known) {
      WeakReference<Map<String, Object>> first = known.get(tree);
      Map<String, Object> there = first == null ? null : first.get();
      if (there != null) {
        return there;
      }
      known.put(tree, new WeakReference<>(tree));
      return tree;
    }
  }
}
