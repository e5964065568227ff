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
 * <p>Amounts are those of a Pod, such as {@code cpu: 0.5} without quotes. To allow this the CRD
 * leaves the type of a CPU amount open, so CEL rules can't read it: an invalid one is rejected by
 * its pattern, a request above the limit by the StatefulSet.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Resources(
    @JsonPropertyDescription(
            "CPU and memory reserved for a server. Defaults: cpu as limits.cpu, or 50m without one; memory as the limit.")
        @ValidationRule(value = Resources.AMOUNTS_RULE, message = Resources.AMOUNTS_MESSAGE)
        Map<String, Quantity> requests,
    @JsonPropertyDescription(
            "Maximum CPU and memory of a server. Default: no cpu limit, memory by the rule above.")
        @ValidationRule(value = Resources.AMOUNTS_RULE, message = Resources.AMOUNTS_MESSAGE)
        Map<String, Quantity> limits,
    @JsonPropertyDescription(
            "Accepts a memory limit below that rule, for small items of few sizes whose memory you have measured. A server that needs more is killed by the kernel and loses its whole cache. Default false.")
        @Default("false")
        Boolean allowLowMemory) {

  static final String AMOUNTS_RULE =
      "(!has(self.memory) || (isQuantity(string(self.memory)) && !quantity(string(self.memory)).isLessThan(quantity('0'))))"
          + " && (!has(self.ephemeral__dash__storage) || (isQuantity(string(self.ephemeral__dash__storage)) && !quantity(string(self.ephemeral__dash__storage)).isLessThan(quantity('0'))))";
  static final String AMOUNTS_MESSAGE =
      "memory and ephemeral-storage must be a non-negative number of bytes with a unit, such as 256Mi";

  public Resources {
    requests = Copies.of(requests);
    limits = Copies.of(limits);
    allowLowMemory = requireNonNullElse(allowLowMemory, false);
  }

  /** Nothing set; the rule decides. */
  public static Resources none() {
    return new Resources(null, null, null);
  }
}
