package io.securememcached.operator.app;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.securememcached.operator.resource.Labels;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Reads which fields of an object the operator owns, and keeps what is equal once. A tree of maps
 * for each field of each object is most of what an object takes in memory, and the children of one
 * resource are owned as those of the next. What others own nobody asks for: it is skipped.
 */
final class SharedFields extends JsonDeserializer<FieldsV1> {

  /** Gone once nobody uses it. */
  private final Map<Fields, WeakReference<Fields>> known = new WeakHashMap<>();

  @Override
  public FieldsV1 deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    FieldsV1 fields = new FieldsV1();
    if (isOfOthers(parser.getParsingContext().getParent().getCurrentValue())) {
      parser.skipChildren();
    } else {
      fields.setAdditionalProperties(read(parser, context));
    }
    return fields;
  }

  /** The API server writes the manager first. */
  private static boolean isOfOthers(Object entry) {
    return entry instanceof ManagedFieldsEntry of
        && of.getManager() != null
        && !of.getManager().equals(Labels.OPERATOR);
  }

  /** Each value is an object, down to the empty one (structured-merge-diff, fieldpath). */
  private Map<String, Object> read(JsonParser parser, DeserializationContext context)
      throws IOException {
    Fields fields = new Fields();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        context.handleUnexpectedToken(FieldsV1.class, parser);
      }
      fields.put(name, read(parser, context));
    }
    return fields.isEmpty() ? Map.of() : shared(fields);
  }

  private Fields shared(Fields read) {
    synchronized (known) {
      WeakReference<Fields> first = known.get(read);
      Fields there = first == null ? null : first.get();
      if (there == null) {
        known.put(read, new WeakReference<>(read));
        return read;
      }
      return there;
    }
  }

  /** Never changed once it is read, so that its hash need not be reckoned again at each level. */
  private static final class Fields extends LinkedHashMap<String, Object> {

    private static final long serialVersionUID = 1;

    private int hash;

    @Override
    public int hashCode() {
      if (hash == 0) {
        hash = super.hashCode();
      }
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return super.equals(other);
    }
  }
}
