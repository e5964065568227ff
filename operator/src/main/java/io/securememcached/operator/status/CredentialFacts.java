package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.rotation.Logins;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pass found out about the logins.
 *
 * @param logins as they are written now
 * @param pending by user with a login under way: the servers that do not take it yet
 * @param problems by user: what is wrong with the Secret that the user brought, or what the login
 *     waits for
 * @param due when the next step comes that no event brings
 * @param unreadable why nothing is known of the logins but what clients read, if so: then nothing
 *     is written that holds one
 */
public record CredentialFacts(
    Logins logins,
    Map<String, List<PendingServer>> pending,
    Map<String, String> problems,
    Optional<Instant> due,
    Optional<String> unreadable) {

  /**
   * Of logins that this version can't read.
   *
   * @param published what clients and the operator use now
   */
  public static CredentialFacts unreadable(Logins published, String problem) {
    return new CredentialFacts(
        published, Map.of(), Map.of(), Optional.empty(), Optional.of(problem));
  }
}
