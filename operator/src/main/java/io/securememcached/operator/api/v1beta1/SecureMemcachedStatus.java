package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;

/** What the operator saw. Holds names of Secrets, never what is in them. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecureMemcachedStatus(
    @JsonPropertyDescription("metadata.generation that this status is about.")
        Long observedGeneration,
    @JsonPropertyDescription(
            "Ready, CredentialsReady, NetworkPoliciesApplied and ServersReady, with reasons.")
        List<Condition> conditions,
    @JsonPropertyDescription("Number of server pods there are.")
        @StatusReplicas
        @JsonInclude(JsonInclude.Include.ALWAYS)
        Integer replicas,
    @JsonPropertyDescription("Servers ready / wanted, such as 2/3.") String readyServers,
    @JsonPropertyDescription("Label selector of the server pods.") @LabelSelector String selector,
    @JsonPropertyDescription("The servers, by number.") List<ServerStatus> servers,
    @JsonPropertyDescription("Names of the source zones that are let in, with commas.")
        String zones,
    @JsonPropertyDescription("Image of the servers.") String image,
    @JsonPropertyDescription(
            "Flavor of that image, named by the resource or the operator's default when the servers were created; empty with image.reference.")
        String flavor,
    @JsonPropertyDescription("Where each user's login can be read.")
        List<CredentialsStatus> credentials,
    @JsonPropertyDescription("For Service Binding: this resource is a Provisioned Service.")
        Binding binding,
    @JsonPropertyDescription("Secret that the servers mount as /etc/sasl2.") String saslSecret,
    @JsonPropertyDescription(
            "Namespace of the operator that looks after this resource; one in another namespace leaves it alone.")
        String operatorNamespace) {

  public SecureMemcachedStatus {
    observedGeneration = requireNonNullElse(observedGeneration, 0L);
    conditions = Copies.of(conditions);
    replicas = requireNonNullElse(replicas, 0);
    readyServers = requireNonNullElse(readyServers, "");
    selector = requireNonNullElse(selector, "");
    servers = Copies.of(servers);
    zones = requireNonNullElse(zones, "");
    image = requireNonNullElse(image, "");
    flavor = requireNonNullElse(flavor, "");
    credentials = Copies.of(credentials);
    saslSecret = requireNonNullElse(saslSecret, "");
    operatorNamespace = requireNonNullElse(operatorNamespace, "");
  }

  /** The status of a resource that was never looked at. */
  public static SecureMemcachedStatus empty() {
    return new SecureMemcachedStatus(
        null, null, null, null, null, null, null, null, null, null, null, null, null);
  }
}
