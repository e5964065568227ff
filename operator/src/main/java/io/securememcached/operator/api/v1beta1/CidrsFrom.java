package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A list of CIDRs in a ConfigMap.
 *
 * @param configMap empty where a later version has another kind of list
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CidrsFrom(
    @JsonPropertyDescription(
            "Name of a ConfigMap in this namespace with label securememcached.io/cidrs.")
        @Required
        @Size(max = 253)
        @ValidationRule(
            value = "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
            message = "cidrsFrom.configMap must be the name of a ConfigMap: a-z, 0-9, '-' and '.'")
        String configMap,
    @JsonPropertyDescription("Key of the list in the ConfigMap. Default cidrs.")
        @Default("cidrs")
        @Size(max = 253)
        @ValidationRule(
            value = "self.matches('^[-._a-zA-Z0-9]+$')",
            message =
                "cidrsFrom.key must be the key of a ConfigMap: letters, digits, '-', '_' and '.'")
        String key) {

  public CidrsFrom {
    configMap = requireNonNullElse(configMap, "");
    key = requireNonNullElse(key, "cidrs");
  }
}
