package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import java.util.Optional;

/**
 * A list of CIDRs that a source zone takes from a ConfigMap.
 *
 * @param cidrs null if no good list was seen yet; see {@link #known}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SourceListStatus(
    @JsonPropertyDescription("ConfigMap with the list.") String configMap,
    @JsonPropertyDescription("Key of the list in the ConfigMap.") String key,
    @JsonPropertyDescription("Number of CIDRs in force from this list.")
        @JsonInclude(JsonInclude.Include.ALWAYS)
        Integer count,
    @JsonPropertyDescription(
            "The last good list, which is in force; absent if none was seen yet, and then the source admits nobody. The operator reads it after a restart while the ConfigMap can't be used.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        List<String> cidrs,
    @JsonPropertyDescription(
            "Why the ConfigMap can't be used, if so; the last good list stays in force.")
        String problem) {

  public SourceListStatus {
    configMap = requireNonNullElse(configMap, "");
    key = requireNonNullElse(key, "");
    count = requireNonNullElse(count, 0);
    cidrs = cidrs == null ? null : Copies.of(cidrs);
    problem = requireNonNullElse(problem, "");
  }

  /** {@link #cidrs}, if a good list was seen. */
  public Optional<List<String>> known() {
    return Optional.ofNullable(cidrs);
  }
}
