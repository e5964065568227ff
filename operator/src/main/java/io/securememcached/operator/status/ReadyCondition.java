package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.resource.Pause;
import java.util.List;
import java.util.Optional;

/**
 * Condition Ready: all others are true; else it repeats the first that is not. A server at its
 * connection limit serves no further client, so it is not ready, even if it is verified.
 */
final class ReadyCondition {

  private ReadyCondition() {}

  static Condition of(StatusInput facts, List<Condition> others) {
    if (!facts.isApplied()) {
      return Conditions.of(
          facts,
          Conditions.READY,
          "False",
          Reason.Paused,
          "Generation %d of the spec is not applied, as annotation %s pauses the resource."
              .formatted(facts.primary().getMetadata().getGeneration(), Pause.ANNOTATION));
    }
    Optional<Condition> failed =
        others.stream()
            .filter(
                condition ->
                    condition.getStatus().equals("False")
                        || condition.getReason().equals(Reason.ConnectionsExhausted.name()))
            .findFirst();
    if (failed.isEmpty() && facts.failure().isPresent()) {
      Failure failure = facts.failure().get();
      return Conditions.of(facts, Conditions.READY, "False", failure.reason(), failure.message());
    }
    Condition decisive = failed.orElse(others.getLast());
    return Conditions.of(
        facts,
        Conditions.READY,
        decisive.getStatus().equals("True") ? "True" : "False",
        Reason.valueOf(decisive.getReason()),
        decisive.getMessage());
  }
}
