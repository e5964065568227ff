package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.securememcached.operator.text.Quoted;

/** A server that does not take the next login yet. */
public record PendingServer(
    @JsonPropertyDescription("Name of its pod.") String name,
    @JsonPropertyDescription("What it answered to that login.") Quoted message) {}
