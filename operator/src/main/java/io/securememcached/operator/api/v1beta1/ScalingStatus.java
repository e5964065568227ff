package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Optional;

/**
 * The latest change of the number of servers.
 *
 * @param from null if the number has not changed yet; see {@link #before}
 * @param to as applied to the StatefulSet
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ScalingStatus(
    @JsonPropertyDescription(
            "Number of servers before the latest change; absent if it has not changed yet.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        Integer from,
    @JsonPropertyDescription("Number of servers that the operator applied.")
        @JsonInclude(JsonInclude.Include.ALWAYS)
        Integer to,
    @JsonPropertyDescription("When the number was changed.") String at,
    @JsonPropertyDescription("What the change does to the keys, and what clients have to do.")
        String keys) {

  public ScalingStatus {
    to = requireNonNullElse(to, 0);
    at = requireNonNullElse(at, "");
    keys = requireNonNullElse(keys, "");
  }

  /** Of a resource whose number of servers has not changed yet. */
  public static ScalingStatus first(int servers) {
    return new ScalingStatus(null, servers, null, null);
  }

  /** {@link #from}, if the number has changed. */
  public Optional<Integer> before() {
    return Optional.ofNullable(from);
  }
}
