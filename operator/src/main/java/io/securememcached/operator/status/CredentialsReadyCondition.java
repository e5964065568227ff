package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Condition CredentialsReady: every user has a login that every server accepts. */
final class CredentialsReadyCondition {

  private CredentialsReadyCondition() {}

  static Condition of(StatusInput facts) {
    Optional<CredentialResult> seen = facts.credentials();
    Optional<String> unreadable = seen.flatMap(CredentialResult::unreadable);
    if (unreadable.isPresent()) {
      return Conditions.of(
          facts,
          Conditions.CREDENTIALS_READY,
          "False",
          Reason.CredentialsUnreadable,
          unreadable.get());
    }
    Optional<String> tooLong = seen.flatMap(CredentialResult::tooLong);
    if (tooLong.isPresent()) {
      return Conditions.of(
          facts, Conditions.CREDENTIALS_READY, "False", Reason.CredentialsTooLarge, tooLong.get());
    }
    if (seen.isPresent() && !seen.get().problems().isEmpty()) {
      return Conditions.of(
          facts,
          Conditions.CREDENTIALS_READY,
          "False",
          Reason.CredentialsUnusable,
          String.join("; ", new TreeMap<>(seen.get().problems()).values()));
    }
    String first =
        seen.stream()
            .flatMap(found -> found.logins().users().entrySet().stream())
            .filter(user -> user.getValue().current().isEmpty())
            .map(user -> user.getKey())
            .collect(Collectors.joining(", "));
    if (!first.isEmpty()) {
      return Conditions.of(
          facts,
          Conditions.CREDENTIALS_READY,
          "False",
          Reason.CredentialsDelivering,
          "Delivering the first login of " + first + " to the servers." + queue(facts));
    }
    return StageCondition.of(
        facts,
        Conditions.CREDENTIALS_READY,
        Stage.CREDENTIALS,
        "All Secrets are applied." + queue(facts) + ending(facts));
  }

  private static String ending(StatusInput facts) {
    return CredentialStatuses.of(facts).stream()
        .filter(login -> !login.validUntil().isEmpty())
        .map(
            login ->
                " Login of user %s ends at %s, as spec.users does not list the user."
                    .formatted(login.user(), login.validUntil()))
        .collect(Collectors.joining());
  }

  private static String queue(StatusInput facts) {
    String users =
        facts.credentials().stream()
            .flatMap(seen -> seen.queue().stream())
            .sorted()
            .collect(Collectors.joining(", "));
    return users.isEmpty()
        ? ""
        : " Rotation queued for " + users + ": the Secret has no room for all rotations at once.";
  }
}
