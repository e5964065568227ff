package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.securememcached.operator.text.Quoted;

/** A server's address for clients outside of the cluster. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ServerExternal(
    @JsonPropertyDescription("Name of the Service of type LoadBalancer that leads to this server.")
        String service,
    @JsonPropertyDescription(
            "IP address or DNS name that the load balancer has; empty until it has one.")
        Quoted address,
    @JsonPropertyDescription("TCP port at that address.") Integer port,
    @JsonPropertyDescription("Why there is no address yet; empty if there is one.")
        String pending) {

  public ServerExternal {
    service = requireNonNullElse(service, "");
    address = requireNonNullElse(address, Quoted.NOTHING);
    port = requireNonNullElse(port, 0);
    pending = requireNonNullElse(pending, "");
  }
}
