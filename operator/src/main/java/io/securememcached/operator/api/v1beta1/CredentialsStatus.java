package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Where a user's login can be read, and where in its life it is. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CredentialsStatus(
    @JsonPropertyDescription("User of the spec, or the one named after this resource.") String user,
    @JsonPropertyDescription(
            "Secret with type, provider, host, port, username, password, uri and servers.")
        String secretName,
    @JsonPropertyDescription(
            "Login name in that Secret, which changes with each rotation; also as name@realm.")
        String username,
    @JsonPropertyDescription("How many logins this user had so far.") Integer generation,
    @JsonPropertyDescription(
            "Active: one login. Delivering: a new one is on its way to the servers. Overlapping: the new one is published, the old one still valid. Waiting: the Secret that the user names can't be used.")
        CredentialsPhase phase,
    @JsonPropertyDescription(
            "Why the newest login was made: Created, Requested, Interval, SecretLost, Revoked or Brought.")
        String cause,
    @JsonPropertyDescription("When the login in the Secret was published.") String rotatedAt,
    @JsonPropertyDescription("Until when the login before it is valid.") String previousValidUntil,
    @JsonPropertyDescription(
            "Servers that do not take the next login yet; clients still use the one before it. Ten at most; one more, named ..., says how many there are besides.")
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
