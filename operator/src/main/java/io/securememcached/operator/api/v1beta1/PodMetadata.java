package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** Labels and annotations of the servers' pods. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PodMetadata(
    @JsonPropertyDescription("Labels in addition to those that the operator sets.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        Map<String, String> labels,
    @JsonPropertyDescription("Annotations in addition to those that the operator sets.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        @ValidationRule(value = ExposingAnnotations.RULE, message = ExposingAnnotations.MESSAGE)
        Map<String, String> annotations) {

  static final String RESERVED_RULE =
      "self.all(key, !key.startsWith('securememcached.io/') && !(key in ['app.kubernetes.io/name', 'app.kubernetes.io/component', 'app.kubernetes.io/part-of', 'app.kubernetes.io/managed-by', 'controller-revision-hash', 'kubectl.kubernetes.io/restartedAt']) && !key.startsWith('statefulset.kubernetes.io/') && !key.startsWith('apps.kubernetes.io/'))";
  static final String RESERVED_MESSAGE =
      "keys under securememcached.io/ and app.kubernetes.io/name, component, part-of and managed-by are reserved for the operator, and statefulset.kubernetes.io/, apps.kubernetes.io/, controller-revision-hash and kubectl.kubernetes.io/restartedAt for Kubernetes; use another key";

  public PodMetadata {
    labels = Copies.of(labels);
    annotations = Copies.of(annotations);
  }

  /** Nothing added. */
  public static PodMetadata none() {
    return new PodMetadata(null, null);
  }
}
