package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The fields of an object that still have the values which the operator has applied. Kubernetes
 * records them in {@code metadata.managedFields}, and takes a field out when somebody else changes
 * it (FieldsV1 of the API, as a trie).
 */
public final class AppliedFields {

  private AppliedFields() {}

  /** Whether this operator has applied the object. */
  public static boolean exist(HasMetadata object) {
    return entries(object).findAny().isPresent();
  }

  /** All fields; empty if the operator has applied nothing. */
  public static Map<String, Object> of(HasMetadata object) {
    return entries(object)
        .map(ManagedFieldsEntry::getFieldsV1)
        .filter(Objects::nonNull)
        .map(FieldsV1::getAdditionalProperties)
        .findFirst()
        .orElse(Map.of());
  }

  /**
   * The fields below a path.
   *
   * @param path elements as FieldsV1 has them, such as {@code f:spec}
   */
  public static Map<String, Object> below(HasMetadata object, String... path) {
    Map<String, Object> fields = of(object);
    for (String element : path) {
      fields = below(fields, element).orElse(Map.of());
    }
    return fields;
  }

  @SuppressWarnings("unchecked")
  private static Optional<Map<String, Object>> below(Map<String, Object> fields, String element) {
    return Optional.ofNullable(fields.get(element))
        .filter(Map.class::isInstance)
        .map(found -> (Map<String, Object>) found);
  }

  private static Stream<ManagedFieldsEntry> entries(HasMetadata object) {
    return object.getMetadata().getManagedFields().stream()
        .filter(
            entry ->
                Labels.OPERATOR.equals(entry.getManager()) && "Apply".equals(entry.getOperation()));
  }
}
