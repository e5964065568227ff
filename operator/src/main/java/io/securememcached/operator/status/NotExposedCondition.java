package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.exposure.Exposure;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Condition NotExposed: no foreign object exposes the servers. */
final class NotExposedCondition {

  /** Maximum number of listed findings, as messages are limited in length. */
  private static final int MOST = 10;

  private NotExposedCondition() {}

  static Condition of(StatusInput facts) {
    Optional<List<Exposure>> found = facts.exposures();
    if (found.isEmpty()) {
      // An earlier finding remains valid; an earlier absence of findings does not.
      return Conditions.find(facts.primary().getStatus().conditions(), Conditions.NOT_EXPOSED)
          .filter(last -> last.getStatus().equals("False"))
          .orElseGet(() -> unknown(facts));
    }
    List<Exposure> exposures = found.get().stream().filter(e -> !e.isIntended()).toList();
    List<Exposure> intended = found.get().stream().filter(Exposure::isIntended).toList();
    String also = intended.isEmpty() ? "" : " Intended: " + text(intended) + ".";
    if (exposures.isEmpty() && !facts.unread().isEmpty()) {
      return condition(
          facts,
          "Unknown",
          Reason.AuditIncomplete,
          "The exposure audit is incomplete; what it could audit exposes nothing. Not audited: "
              + String.join("; ", facts.unread())
              + also);
    }
    return exposures.isEmpty()
        ? condition(
            facts, "True", Reason.NotExposed, "No foreign object exposes the servers." + also)
        : condition(
            facts, "False", Reason.Exposed, text(exposures) + (also.isEmpty() ? "" : "." + also));
  }

  private static String text(List<Exposure> exposures) {
    String rest = exposures.size() > MOST ? "; and " + (exposures.size() - MOST) + " more" : "";
    return exposures.stream()
            .limit(MOST)
            .map(exposure -> exposure.object() + ": " + exposure.detail())
            .collect(Collectors.joining("; "))
        + rest;
  }

  private static Condition unknown(StatusInput facts) {
    return facts
        .failure()
        .filter(failure -> failure.stage() == Stage.CHECKS)
        .map(failure -> condition(facts, "Unknown", failure.reason(), failure.message()))
        .orElseGet(
            () ->
                condition(
                    facts,
                    "Unknown",
                    Reason.NotAttempted,
                    "Not attempted: an earlier step failed."));
  }

  private static Condition condition(
      StatusInput facts, String status, Reason reason, String message) {
    return Conditions.of(facts, Conditions.NOT_EXPOSED, status, reason, message);
  }
}
