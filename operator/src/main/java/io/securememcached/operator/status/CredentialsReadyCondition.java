package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.rotation.Requests;
import java.util.List;
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
    String revoked = waitingRevocations(facts);
    if (!revoked.isEmpty()) {
      return Conditions.of(
          facts,
          Conditions.CREDENTIALS_READY,
          "True",
          Reason.RevocationPaused,
          "Revocation requested for user %s waits, as annotation %s pauses the resource: the login stays valid until the pause ends.%s To end the pause: kubectl annotate --namespace %s securememcached %s %s-"
              .formatted(
                  revoked,
                  Pause.ANNOTATION,
                  ending(facts),
                  facts.primary().getMetadata().getNamespace(),
                  facts.primary().getMetadata().getName(),
                  Pause.ANNOTATION));
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
    Condition applied =
        StageCondition.of(
            facts,
            Conditions.CREDENTIALS_READY,
            Stage.CREDENTIALS,
            "All Secrets are applied." + queue(facts) + ending(facts) + exporter(facts));
    List<String> missing = seen.map(found -> found.copies().problems()).orElse(List.of());
    return missing.isEmpty() || !applied.getStatus().equals("True")
        ? applied
        // Clients of this namespace are served all the same.
        : Conditions.of(
            facts,
            Conditions.CREDENTIALS_READY,
            "True",
            Reason.CopyMissing,
            String.join(" ", missing) + " " + applied.getMessage());
  }

  /** Clients are served all the same, so the condition stays true. */
  private static String exporter(StatusInput facts) {
    return facts
        .credentials()
        .flatMap(seen -> seen.exporter().problem())
        .map(problem -> " " + problem)
        .orElse("");
  }

  /** Users whose revocation a pause holds back; those who have no login yet have none to revoke. */
  private static String waitingRevocations(StatusInput facts) {
    SecureMemcached primary = facts.primary();
    return facts
        .credentials()
        .filter(seen -> Pause.of(primary))
        .map(CredentialResult::logins)
        .map(
            logins ->
                Requests.revocations(
                    primary.getMetadata().getAnnotations(),
                    logins.handled(),
                    Credentials.clientUsersOf(primary, logins).stream()
                        .filter(user -> logins.of(user).all().findAny().isPresent())
                        .toList()))
        .map(users -> String.join(", ", users))
        .orElse("");
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
