package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** The Service that clients use. It is always of type ClusterIP. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ServiceOptions(
    @JsonPropertyDescription("Annotations of the Service. A change restarts nothing.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        @ValidationRule(value = ExposingAnnotations.RULE, message = ExposingAnnotations.MESSAGE)
        Map<String, String> annotations) {

  public ServiceOptions {
    annotations = Copies.of(annotations);
  }

  /** Nothing added. */
  public static ServiceOptions none() {
    return new ServiceOptions(null);
  }
}
