package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/**
 * Condition Ready: all others are true; else it repeats the first that is not. A server that takes
 * no more connections serves no further client, whatever was proven of it.
 */
final class ReadyCondition {

  private ReadyCondition() {}

  static Condition of(Facts facts, List<Condition> others) {
    Condition decisive =
        others.stream()
            .filter(
                condition ->
                    condition.getStatus().equals("False")
                        || condition.getReason().equals(Reason.ConnectionsExhausted.name()))
            .findFirst()
            .orElse(others.getLast());
    return Conditions.of(
        facts,
        Conditions.READY,
        decisive.getStatus().equals("True") ? "True" : "False",
        Reason.valueOf(decisive.getReason()),
        decisive.getMessage());
  }
}
