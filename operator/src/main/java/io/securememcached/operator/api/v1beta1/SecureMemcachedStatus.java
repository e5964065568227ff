package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import java.util.Optional;

/**
 * The observed state. Contains names of Secrets, never their contents.
 *
 * @param scaling null until servers were applied; see {@link #lastScaling}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecureMemcachedStatus(
    @JsonPropertyDescription("metadata.generation that this status describes.")
        Long observedGeneration,
    @JsonPropertyDescription("Conditions with their reasons, see docs/conditions.md.")
        List<Condition> conditions,
    @JsonPropertyDescription("Number of existing server pods.")
        @StatusReplicas
        @JsonInclude(JsonInclude.Include.ALWAYS)
        Integer replicas,
    @JsonPropertyDescription("Ready and requested servers, such as 2/3.") String readyServers,
    @JsonPropertyDescription("Label selector of the server pods.") @LabelSelector String selector,
    @JsonPropertyDescription("The servers, ordered by number.") List<ServerStatus> servers,
    @JsonPropertyDescription("The latest change of the number of servers.") ScalingStatus scaling,
    @JsonPropertyDescription("Names of the allowed source zones, comma-separated.") String zones,
    @JsonPropertyDescription("Lists of CIDRs in ConfigMaps that source zones use (cidrsFrom).")
        List<SourceListStatus> sourceLists,
    @JsonPropertyDescription("Image of the servers.") String image,
    @JsonPropertyDescription(
            "Flavor of that image: the resource's, or the operator's default at the creation of the servers; empty with image.reference.")
        String flavor,
    @JsonPropertyDescription("Secret and state of each user's login.")
        List<CredentialsStatus> credentials,
    @JsonPropertyDescription("For Service Binding: this resource is a Provisioned Service.")
        Binding binding,
    @JsonPropertyDescription("Secret that the servers mount as /etc/sasl2.") String saslSecret,
    @JsonPropertyDescription(
            "Namespace of the operator that manages this resource; operators in other namespaces ignore it.")
        String operatorNamespace,
    @JsonPropertyDescription("What servers get when they restart; empty if all are up to date.")
        List<PendingUpdate> pendingUpdates,
    @JsonPropertyDescription(
            "Identifies the pending updates; the value of annotation securememcached.io/approve-update that approves them. Empty if there are none.")
        String updateId,
    @JsonPropertyDescription(
            "Since when annotation securememcached.io/pause stops all changes to servers and logins; empty if it does not.")
        String pausedSince) {

  public SecureMemcachedStatus {
    observedGeneration = requireNonNullElse(observedGeneration, 0L);
    conditions = Copies.of(conditions);
    replicas = requireNonNullElse(replicas, 0);
    readyServers = requireNonNullElse(readyServers, "");
    selector = requireNonNullElse(selector, "");
    servers = Copies.of(servers);
    zones = requireNonNullElse(zones, "");
    sourceLists = Copies.of(sourceLists);
    image = requireNonNullElse(image, "");
    flavor = requireNonNullElse(flavor, "");
    credentials = Copies.of(credentials);
    saslSecret = requireNonNullElse(saslSecret, "");
    operatorNamespace = requireNonNullElse(operatorNamespace, "");
    pendingUpdates = Copies.of(pendingUpdates);
    updateId = requireNonNullElse(updateId, "");
    pausedSince = requireNonNullElse(pausedSince, "");
  }

  /** The status of a resource that was never reconciled. */
  public static SecureMemcachedStatus empty() {
    return new SecureMemcachedStatus(
        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
        null, null, null);
  }

  /** {@link #scaling}, once servers were applied. */
  public Optional<ScalingStatus> lastScaling() {
    return Optional.ofNullable(scaling);
  }
}
