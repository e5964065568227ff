package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.securememcached.operator.text.Quoted;

/** A check of a server that did not pass. */
public record CheckStatus(
    @JsonPropertyDescription("Name of the check, as in docs/checks.md.") String check,
    @JsonPropertyDescription(
            "Failed, or Unknown where nothing can be concluded, for example because the server could not be reached.")
        String outcome,
    @JsonPropertyDescription("What was seen, in one line.") Quoted evidence) {

  public CheckStatus {
    check = requireNonNullElse(check, "");
    outcome = requireNonNullElse(outcome, "");
    evidence = requireNonNullElse(evidence, Quoted.NOTHING);
  }
}
