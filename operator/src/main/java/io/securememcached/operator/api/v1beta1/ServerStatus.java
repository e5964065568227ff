package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.securememcached.operator.text.Quoted;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One server.
 *
 * @param external null when absent, see {@link #externalAddress}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ServerStatus(
    @JsonPropertyDescription("Name of its pod.") String name,
    @JsonPropertyDescription("Its DNS name inside the cluster.") String dnsName,
    @JsonPropertyDescription("Address and port of the pod; empty until it has one.") String address,
    @JsonPropertyDescription(
            "SASL realm of the server, its host name. Clients that send no realm are looked up in it.")
        String realm,
    @JsonPropertyDescription("Whether the server accepts connections.")
        @JsonInclude(JsonInclude.Include.ALWAYS)
        Boolean ready,
    @JsonPropertyDescription(
            "memcached version that the server reported; empty if it was not queried yet or can't be reached (listen: Loopback).")
        Quoted version,
    @JsonPropertyDescription(
            "When the server was last checked; empty if it was not checked yet or can't be reached.")
        String verifiedAt,
    @JsonPropertyDescription("Checks that did not pass then; empty if all passed.")
        List<CheckStatus> checks,
    @JsonPropertyDescription(
            "Its address for clients outside of the cluster; absent without spec.external.")
        ServerExternal external) {

  public ServerStatus {
    address = requireNonNullElse(address, "");
    ready = requireNonNullElse(ready, false);
    version = requireNonNullElse(version, Quoted.NOTHING);
    verifiedAt = requireNonNullElse(verifiedAt, "");
    // One in another form, of another version of the operator, is no check that passed.
    checks =
        Stream.ofNullable(checks)
            .flatMap(List::stream)
            .map(check -> requireNonNullElse(check, new CheckStatus(null, null, null)))
            .toList();
  }

  /** Its address for clients outside of the cluster, if one is requested. */
  public Optional<ServerExternal> externalAddress() {
    return Optional.ofNullable(external);
  }
}
