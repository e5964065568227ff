package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A login for clients. */
public record User(
    @JsonPropertyDescription(
            "User name: at most 32 characters of a-z, 0-9 and '-', as it also names the Secret.")
        @Required
        @Size(max = 253)
        @ValidationRule(
            value = "size(self) <= 32 && self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
            message =
                "a user name is at most 32 characters of a-z, 0-9 and '-', with a letter or digit at both ends; no '@' or blank, which SASL reads as a realm")
        @ValidationRule(
            value = "self != 'securememcached-operator'",
            message = "this user name is the operator's own login; choose another")
        String name) {}
