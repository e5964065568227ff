package io.securememcached.operator.memory;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.securememcached.operator.resource.Labels;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Reads the operator's managed fields, and shares equal ones, unmodifiable. A tree of maps for each
 * field of each object takes most of an object's memory, and it is equal for the children of all
 * resources. Fields of other managers are not used and skipped.
 */
public final class SharedFields extends JsonDeserializer<FieldsV1> {

  /** An entry is removed once no object uses it. */
  private final Map<Map<String, Object>, WeakReference<Map<String, Object>>> known =
      new WeakHashMap<>();

  @Override
  public FieldsV1 deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    FieldsV1 fields = new FieldsV1();
    if (isOfOthers(parser.getParsingContext().getParent().getCurrentValue())) {
      parser.skipChildren();
    } else {
      fields.setAdditionalProperties(read(parser));
    }
    return fields;
  }

  /** The API server writes the manager first. */
  private static boolean isOfOthers(Object entry) {
    return entry instanceof ManagedFieldsEntry of
        && of.getManager() != null
        && !of.getManager().equals(Labels.OPERATOR);
  }

  /**
   * Each value is an object, down to the empty one (structured-merge-diff, fieldpath). Any other
   * one is of a later format and skipped, so that the list can still be read.
   */
  private Map<String, Object> read(JsonParser parser) throws IOException {
    Map<String, Object> fields = new HashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        fields.put(name, read(parser));
      } else {
        parser.skipChildren();
      }
    }
    return shared(Map.copyOf(fields));
  }

  private Map<String, Object> shared(Map<String, Object> read) {
    synchronized (known) {
      WeakReference<Map<String, Object>> first = known.get(read);
      Map<String, Object> there = first == null ? null : first.get();
      if (there == null) {
        known.put(read, new WeakReference<>(read));
        return read;
      }
      return there;
    }
  }
}
