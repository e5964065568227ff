package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/** CPU and memory of one server. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Resources(
    @JsonPropertyDescription(
            "What a server is promised. Defaults: cpu 50m, memory as much as the limit.")
        Map<String, Quantity> requests,
    @JsonPropertyDescription(
            "What a server may use at most. Default: no cpu limit, memory by the rule above.")
        Map<String, Quantity> limits) {

  public Resources {
    requests = requireNonNullElse(requests, Map.of());
    limits = requireNonNullElse(limits, Map.of());
  }

  /** Nothing given, all by the rule. */
  public static Resources none() {
    return new Resources(null, null);
  }
}
