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
 * @param problems by user: what is wrong with the Secret that the user brought
 * @param due when the next step comes that no event brings
 */
public record CredentialFacts(
    Logins logins,
    Map<String, List<PendingServer>> pending,
    Map<String, String> problems,
    Optional<Instant> due) {}
