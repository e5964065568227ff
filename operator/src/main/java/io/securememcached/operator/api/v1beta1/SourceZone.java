package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** A named set of sources that may connect, as a firewalld zone with its sources. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SourceZone(
    @JsonPropertyDescription("Name of the zone, unique in this resource.")
        @Required
        @Size(max = 253)
        @ValidationRule(
            value = "size(self) <= 40 && self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
            message =
                "a zone name is at most 40 characters of a-z, 0-9 and '-', with a letter or digit at both ends")
        String name,
    @JsonPropertyDescription("Sources in the zone. A zone without sources allows nobody.")
        @Size(max = 64)
        List<Source> sources) {

  public SourceZone {
    sources = Copies.of(sources);
  }
}
