package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Secret and state of a user's login. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CredentialsStatus(
    @JsonPropertyDescription(
            "User of the spec, the one named after this resource, or one that has left the spec.")
        String user,
    @JsonPropertyDescription(
            "Secret with type, provider, host, port, username, password, uri and servers.")
        String secretName,
    @JsonPropertyDescription(
            "Login name in that Secret, which changes with each rotation; also as name@realm.")
        String username,
    @JsonPropertyDescription("Number of logins published for this user so far.") Integer generation,
    @JsonPropertyDescription(
            "Active: one login is valid. Delivering: a new login is being delivered to the servers. Overlapping: the new login is published, the previous one is still valid. Waiting: the user-provided Secret can't be used. Ending: the spec no longer has the user, whose login is valid until validUntil.")
        CredentialsPhase phase,
    @JsonPropertyDescription(
            "Cause of the newest login: Created, Requested, Interval, SecretLost, Revoked or UserProvided.")
        String cause,
    @JsonPropertyDescription("When the login in the Secret was published.") String rotatedAt,
    @JsonPropertyDescription("When the previous login ends.") String previousValidUntil,
    @JsonPropertyDescription(
            "When the login ends and its Secret is deleted, for a user that has left the spec. Empty until another user of the spec has a login, as the last one does not end.")
        String validUntil,
    @JsonPropertyDescription(
            "Servers that don't accept the next login yet; clients still use the current one. At most ten; an additional entry named ... has the number of the others.")
        List<PendingServer> pendingServers,
    @JsonPropertyDescription(
            "Secrets in other namespaces that have the login of the Secret, as NAMESPACE/NAME.")
        @Size(max = CredentialsStatus.MOST_COPIES)
        List<String> copies) {

  /** Copies of a login that the status lists at most. */
  public static final int MOST_COPIES = 16;

  public CredentialsStatus {
    username = requireNonNullElse(username, "");
    generation = requireNonNullElse(generation, 0);
    phase = requireNonNullElse(phase, CredentialsPhase.Active);
    cause = requireNonNullElse(cause, "");
    rotatedAt = requireNonNullElse(rotatedAt, "");
    previousValidUntil = requireNonNullElse(previousValidUntil, "");
    validUntil = requireNonNullElse(validUntil, "");
    pendingServers = Copies.of(pendingServers);
    copies = Copies.of(copies);
  }
}
