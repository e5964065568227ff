package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Points Service Binding implementations to a login (servicebinding.io, Provisioned Service). */
public record Binding(
    @JsonPropertyDescription("Secret with the login of the first user.") String name) {}
