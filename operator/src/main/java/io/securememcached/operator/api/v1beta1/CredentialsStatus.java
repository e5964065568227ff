package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Where a user's login can be read. */
public record CredentialsStatus(
    @JsonPropertyDescription("User name to log in with, also as user@realm.") String user,
    @JsonPropertyDescription(
            "Secret with type, provider, host, port, username, password, uri and servers.")
        String secretName) {}
