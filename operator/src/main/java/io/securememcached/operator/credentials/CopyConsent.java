package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.securememcached.operator.resource.AppliedFields;
import io.securememcached.operator.resource.Labels;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A Secret whose owner consents that a login of another namespace is copied into it.
 *
 * @param version resourceVersion
 * @param sourceNamespace namespace of the resource that may fill it
 * @param source name of the resource's Secret that is copied
 * @param keys of the Secret that the operator has written and nobody changed since
 * @param isUsable whether the Secret is not itself a child of a resource
 */
record CopyConsent(
    String namespace,
    String name,
    String version,
    String sourceNamespace,
    String source,
    Set<String> keys,
    boolean isUsable) {

  private static final String DATA = "f:data";
  private static final String FIELD = "f:";

  /** The consent of a Secret, if it has the label. */
  static Optional<CopyConsent> of(HasMetadata secret) {
    ObjectMeta meta = secret.getMetadata();
    String from =
        Objects.requireNonNullElse(meta.getLabels(), Map.<String, String>of())
            .getOrDefault(Labels.COPY_FROM, "");
    if (from.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CopyConsent(
            meta.getNamespace(),
            meta.getName(),
            meta.getResourceVersion(),
            from,
            Objects.requireNonNullElse(meta.getAnnotations(), Map.<String, String>of())
                .getOrDefault(Labels.COPY_OF, meta.getName()),
            keys(secret),
            isUsable(secret)));
  }

  /** Keys that the operator has written, and nobody changed since. */
  static Set<String> keys(HasMetadata secret) {
    Set<String> keys = new TreeSet<>();
    AppliedFields.below(secret, DATA).keySet().stream()
        .filter(key -> key.startsWith(FIELD))
        .forEach(key -> keys.add(key.substring(FIELD.length())));
    return keys;
  }

  /**
   * Whether a Secret may hold a copy. Of a child the operator has written more than data, also
   * where somebody took its labels away.
   */
  static boolean isUsable(HasMetadata secret) {
    return !Labels.isOperators(secret)
        && AppliedFields.of(secret).keySet().stream().allMatch(DATA::equals);
  }

  boolean isFilled() {
    return !keys.isEmpty();
  }

  /** Whether a Secret as it is now consents to the same. */
  boolean isStillOf(HasMetadata secret) {
    return of(secret)
        .filter(CopyConsent::isUsable)
        .filter(now -> now.sourceNamespace().equals(sourceNamespace))
        .filter(now -> now.source().equals(source))
        .isPresent();
  }

  /** Namespace and name. */
  String id() {
    return namespace + "/" + name;
  }
}
