package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** Labels and annotations of the servers' pods. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PodMetadata(
    @JsonPropertyDescription("Labels, beside those that the operator sets.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        Map<String, String> labels,
    @JsonPropertyDescription("Annotations, beside those that the operator sets.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        Map<String, String> annotations) {

  static final String RESERVED_RULE =
      "self.all(key, !key.startsWith('app.kubernetes.io/') && !key.startsWith('securememcached.io/'))";
  static final String RESERVED_MESSAGE =
      "keys under app.kubernetes.io/ and securememcached.io/ are the operator's own: policies and Services select by them; use another prefix";

  public PodMetadata {
    labels = requireNonNullElse(labels, Map.of());
    annotations = requireNonNullElse(annotations, Map.of());
  }

  /** Nothing added. */
  public static PodMetadata none() {
    return new PodMetadata(null, null);
  }
}
