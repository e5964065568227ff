package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** A change that servers get when they restart. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PendingUpdate(
    @JsonPropertyDescription(
            "What changes: a field of the spec, image, podTemplate for other settings of the pods, or restart.")
        String change,
    @JsonPropertyDescription("Value that the servers run with.") String from,
    @JsonPropertyDescription("Value that they get.") String to,
    @JsonPropertyDescription(
            "Spec: a change of the spec. Operator: an upgrade of the operator. Request: a requested restart.")
        UpdateOrigin origin,
    @JsonPropertyDescription(
            "Why it takes a restart, and which known vulnerability of the servers it closes.")
        String why,
    @JsonPropertyDescription("The servers that restart for it, in their order.") @Size(max = 100)
        List<String> servers) {

  public PendingUpdate {
    change = requireNonNullElse(change, "");
    from = requireNonNullElse(from, "");
    to = requireNonNullElse(to, "");
    why = requireNonNullElse(why, "");
    servers = Copies.of(servers);
  }
}
