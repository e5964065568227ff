package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.securememcached.operator.text.Quoted;

/** A server that does not accept the next login yet. */
public record PendingServer(
    @JsonPropertyDescription("Name of its pod.") String name,
    @JsonPropertyDescription("Response of the server to that login.") Quoted message) {}
