package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Secret and state of a user's login. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CredentialsStatus(
    @JsonPropertyDescription("User of the spec, or the one named after this resource.") String user,
    @JsonPropertyDescription(
            "Secret with type, provider, host, port, username, password, uri and servers.")
        String secretName,
    @JsonPropertyDescription(
            "Login name in that Secret, which changes with each rotation; also as name@realm.")
        String username,
    @JsonPropertyDescription("Number of logins published for this user so far.") Integer generation,
    @JsonPropertyDescription(
            "Active: one login is valid. Delivering: a new login is being delivered to the servers. Overlapping: the new login is published, the previous one is still valid. Waiting: the user-provided Secret can't be used.")
        CredentialsPhase phase,
    @JsonPropertyDescription(
            "Cause of the newest login: Created, Requested, Interval, SecretLost, Revoked or UserProvided.")
        String cause,
    @JsonPropertyDescription("When the login in the Secret was published.") String rotatedAt,
    @JsonPropertyDescription("When the previous login ends.") String previousValidUntil,
    @JsonPropertyDescription(
            "Servers that don't accept the next login yet; clients still use the current one. At most ten; an additional entry named ... has the number of the others.")
        List<PendingServer> pendingServers) {

  public CredentialsStatus {
    username = requireNonNullElse(username, "");
    generation = requireNonNullElse(generation, 0);
    phase = requireNonNullElse(phase, CredentialsPhase.Active);
    cause = requireNonNullElse(cause, "");
    rotatedAt = requireNonNullElse(rotatedAt, "");
    previousValidUntil = requireNonNullElse(previousValidUntil, "");
    pendingServers = Copies.of(pendingServers);
  }
}
