package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/** CPU and memory of one server. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "!has(self.requests) || !has(self.limits) || !('cpu' in self.requests) || !('cpu' in self.limits) || !isQuantity(string(self.requests['cpu'])) || !isQuantity(string(self.limits['cpu'])) || !quantity(string(self.requests['cpu'])).isGreaterThan(quantity(string(self.limits['cpu'])))",
    message = "requests.cpu is more than limits.cpu: lower it, or raise or leave out limits.cpu")
public record Resources(
    @JsonPropertyDescription(
            "What a server is promised. Defaults: cpu 50m, memory as much as the limit.")
        @Size(max = 3)
        @ValidationRule(value = Resources.NAMES_RULE, message = Resources.NAMES_MESSAGE)
        @ValidationRule(value = Resources.QUANTITIES_RULE, message = Resources.QUANTITIES_MESSAGE)
        Map<String, Quantity> requests,
    @JsonPropertyDescription(
            "What a server may use at most. Default: no cpu limit, memory by the rule above.")
        @Size(max = 3)
        @ValidationRule(value = Resources.NAMES_RULE, message = Resources.NAMES_MESSAGE)
        @ValidationRule(value = Resources.QUANTITIES_RULE, message = Resources.QUANTITIES_MESSAGE)
        Map<String, Quantity> limits) {

  static final String NAMES_RULE = "self.all(name, name in ['cpu', 'memory', 'ephemeral-storage'])";
  static final String NAMES_MESSAGE = "resources are cpu, memory and ephemeral-storage";
  static final String QUANTITIES_RULE =
      "self.all(name, isQuantity(string(self[name])) && !quantity(string(self[name])).isLessThan(quantity('0')))";
  static final String QUANTITIES_MESSAGE =
      "an amount of a resource is a number with a unit, such as 500m of cpu or 256Mi of memory, and not negative";

  public Resources {
    requests = requireNonNullElse(requests, Map.of());
    limits = requireNonNullElse(limits, Map.of());
  }

  /** Nothing given, all by the rule. */
  public static Resources none() {
    return new Resources(null, null);
  }
}
