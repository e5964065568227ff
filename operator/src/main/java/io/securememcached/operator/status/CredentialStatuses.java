package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.text.Quoted;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/** Builds status.credentials. */
final class CredentialStatuses {

  /** Maximum number of listed servers. */
  private static final int MOST = 10;

  private CredentialStatuses() {}

  /**
   * If the logins can't be read the last status is kept, as it describes the Secrets as written.
   */
  static List<CredentialsStatus> of(StatusInput facts) {
    return facts
        .credentials()
        .filter(seen -> seen.unreadable().isEmpty())
        .map(
            seen ->
                Credentials.clientUsersOf(facts.primary(), seen.logins()).stream()
                    .map(user -> of(facts.primary(), user, seen))
                    .toList())
        .orElseGet(() -> facts.primary().getStatus().credentials());
  }

  private static CredentialsStatus of(SecureMemcached primary, String user, CredentialResult seen) {
    UserLogins logins = seen.logins().of(user);
    boolean isLeaving = Credentials.leavingUsersOf(primary, seen.logins()).contains(user);
    return new CredentialsStatus(
        user,
        Names.credentials(primary, user),
        logins.current().map(Login::name).orElse(""),
        logins.generation(),
        isLeaving ? CredentialsPhase.Ending : logins.phase(),
        logins.cause().name(),
        logins.generation() == 0 ? "" : text(logins.rotatedAt()),
        logins.previous().map(previous -> text(previous.validUntil())).orElse(""),
        logins.ending().map(ending -> text(ending.at())).orElse(""),
        first(seen.pending().getOrDefault(user, List.of())),
        // No more than the schema allows: all else of the status has to be written in any case.
        seen.copies().filled().getOrDefault(user, List.of()).stream()
            .limit(CredentialsStatus.MOST_COPIES)
            .toList());
  }

  /** With 100 servers and 17 users the status would exceed the size limit. */
  private static List<PendingServer> first(List<PendingServer> pending) {
    return pending.size() <= MOST
        ? pending
        : Stream.concat(
                pending.stream().limit(MOST),
                Stream.of(
                    new PendingServer(
                        "...", Quoted.of("and %d more".formatted(pending.size() - MOST)))))
            .toList();
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
