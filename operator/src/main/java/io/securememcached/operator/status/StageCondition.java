package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;

/**
 * Conditions CredentialsReady and NetworkPoliciesApplied: whether the objects of a step are
 * applied.
 */
final class StageCondition {

  private StageCondition() {}

  static Condition of(StatusInput facts, String type, Stage stage, String success) {
    return facts
        .failure()
        .filter(failure -> failure.stage().compareTo(stage) <= 0)
        .map(
            failure ->
                failure.stage() == stage
                    ? Conditions.of(facts, type, "False", failure.reason(), failure.message())
                    : Conditions.of(
                        facts,
                        type,
                        "Unknown",
                        Reason.NotAttempted,
                        "Not attempted: an earlier step failed."))
        .orElseGet(() -> Conditions.of(facts, type, "True", Reason.Applied, success));
  }
}
