package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A change of a condition that is reported by an event.
 *
 * @param isWarning whether the change needs attention
 */
public record ConditionChange(String type, boolean isWarning, String reason, String message) {

  private static final Pattern MISSING =
      Pattern.compile(
          "ogin of user (\\S+) (?:is not copied to|in Secret \\S+ of) namespace ([a-z0-9-]+)");

  private static final Set<String> REPORTED =
      Set.of(
          Conditions.CREDENTIALS_READY,
          Conditions.SASL_ENFORCED,
          Conditions.NETWORK_RESTRICTED,
          Conditions.NOT_EXPOSED,
          Conditions.IMAGE_SUPPORTED,
          Conditions.UP_TO_DATE,
          Conditions.EXTERNAL_RESTRICTED);

  /**
   * Ready if its reason changed, then each verified condition that was lost or restored, a
   * revocation that a pause holds back, and a copy of a login that is missing, unless Ready has the
   * same reason and message. A first verification is expected and not reported, and neither is a
   * missing one while servers start.
   */
  public static List<ConditionChange> between(List<Condition> last, List<Condition> next) {
    List<ConditionChange> changes = new ArrayList<>();
    Optional<String> before = Conditions.find(last, Conditions.READY).map(Condition::getReason);
    Conditions.find(next, Conditions.READY)
        .filter(ready -> !before.equals(Optional.of(ready.getReason())))
        .ifPresent(ready -> changes.add(of(ready)));
    for (Condition condition : next) {
      ConditionChange change = of(condition);
      if (REPORTED.contains(condition.getType())
          && Conditions.find(last, condition.getType())
              .map(earlier -> isNews(earlier, condition))
              .orElse(condition.getReason().equals(Reason.CopyMissing.name()))
          && changes.stream().noneMatch(change::says)) {
        changes.add(change);
      }
    }
    return changes;
  }

  private static boolean isNews(Condition last, Condition next) {
    if (next.getType().equals(Conditions.UP_TO_DATE)) {
      return !next.getStatus().equals("Unknown") && !last.getReason().equals(next.getReason());
    }
    if (next.getType().equals(Conditions.EXTERNAL_RESTRICTED)) {
      return !last.getReason().equals(next.getReason())
          // A failed request is tried again at once, and leaves the reason as soon as it succeeds.
          && !isFailedRequest(next)
          && !(isFailedRequest(last) && next.getStatus().equals("True"));
    }
    if (next.getType().equals(Conditions.CREDENTIALS_READY)) {
      // Ready and the events of rotations say the rest.
      boolean isOther = !next.getReason().equals(last.getReason());
      return next.getReason().equals(Reason.CopyMissing.name())
          ? isOther || !missing(last).containsAll(missing(next))
          : next.getReason().equals(Reason.RevocationPaused.name())
              && (isOther || !next.getMessage().equals(last.getMessage()));
    }
    return isLost(last) ? next.getStatus().equals("True") : isLost(next);
  }

  /** User and namespace of each missing copy; why it is missing may change at each try. */
  private static Set<String> missing(Condition condition) {
    return MISSING
        .matcher(condition.getMessage())
        .results()
        .map(found -> found.group(1) + " " + found.group(2))
        .collect(Collectors.toSet());
  }

  private static boolean isFailedRequest(Condition condition) {
    return condition.getReason().equals(Reason.RequestFailed.name());
  }

  private static boolean isLost(Condition condition) {
    return condition.getStatus().equals("False")
        || condition.getReason().equals(Reason.VerificationExpired.name())
        || condition.getReason().equals(Reason.ConnectionsExhausted.name())
        || condition.getReason().equals(Reason.ImageRevisionsDiffer.name())
        || condition.getReason().equals(Reason.AuditIncomplete.name());
  }

  private boolean says(ConditionChange other) {
    return reason.equals(other.reason) && message.equals(other.message);
  }

  private static ConditionChange of(Condition condition) {
    return new ConditionChange(
        condition.getType(),
        Reason.named(condition.getReason())
            .map(Reason::health)
            .equals(Optional.of(Health.DEGRADED)),
        condition.getReason(),
        condition.getMessage());
  }
}
