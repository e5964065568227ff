package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/**
 * CPU and memory of one server.
 *
 * <p>Amounts are what a Pod takes, such as {@code cpu: 0.5} without quotes. For that the CRD leaves
 * the type of a CPU amount open, so no rule can see it: a wrong one is refused by its pattern, a
 * request above the limit by the StatefulSet.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Resources(
    @JsonPropertyDescription(
            "What a server is promised. Defaults: cpu 50m, memory as much as the limit.")
        @ValidationRule(value = Resources.AMOUNTS_RULE, message = Resources.AMOUNTS_MESSAGE)
        Map<String, Quantity> requests,
    @JsonPropertyDescription(
            "What a server may use at most. Default: no cpu limit, memory by the rule above.")
        @ValidationRule(value = Resources.AMOUNTS_RULE, message = Resources.AMOUNTS_MESSAGE)
        Map<String, Quantity> limits,
    @JsonPropertyDescription(
            "Accepts a memory limit below that rule. A server that needs more is killed by the kernel and loses its cache, and clients of other keys lose theirs with it: for small items of few sizes, whose memory you have measured. Default false.")
        @Default("false")
        Boolean allowLowMemory) {

  static final String AMOUNTS_RULE =
      "(!has(self.memory) || (isQuantity(string(self.memory)) && !quantity(string(self.memory)).isLessThan(quantity('0'))))"
          + " && (!has(self.ephemeral__dash__storage) || (isQuantity(string(self.ephemeral__dash__storage)) && !quantity(string(self.ephemeral__dash__storage)).isLessThan(quantity('0'))))";
  static final String AMOUNTS_MESSAGE =
      "memory and ephemeral-storage are a number of bytes with a unit, such as 256Mi, and not negative";

  public Resources {
    requests = Copies.of(requests);
    limits = Copies.of(limits);
    allowLowMemory = requireNonNullElse(allowLowMemory, false);
  }

  /** Nothing given, all by the rule. */
  public static Resources none() {
    return new Resources(null, null, null);
  }
}
