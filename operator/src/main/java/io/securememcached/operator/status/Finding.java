package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.CheckStatus;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.util.Optional;

/**
 * A check of a server that did not pass.
 *
 * @param outcome failed or unknown
 * @param evidence what was seen
 */
public record Finding(Check check, Outcome outcome, Quoted evidence) {

  private static final String FAILED = "Failed";
  private static final String UNKNOWN = "Unknown";

  /** As a status has it; empty for a check or an outcome of another version of the operator. */
  static Optional<Finding> of(CheckStatus status) {
    Optional<Outcome> outcome =
        switch (status.outcome()) {
          case FAILED -> Optional.of(Outcome.FAILED);
          case UNKNOWN -> Optional.of(Outcome.UNKNOWN);
          default -> Optional.empty();
        };
    return outcome.flatMap(
        of -> Check.named(status.check()).map(check -> new Finding(check, of, status.evidence())));
  }

  CheckStatus toStatus() {
    return new CheckStatus(check.id(), outcome == Outcome.FAILED ? FAILED : UNKNOWN, evidence);
  }

  public boolean isFailure() {
    return outcome == Outcome.FAILED;
  }

  /** For people: {@code id: evidence}. */
  @Override
  public String toString() {
    return check.id() + ": " + evidence;
  }
}
