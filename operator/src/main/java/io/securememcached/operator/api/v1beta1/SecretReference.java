package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A user-provided login. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecretReference(
    @JsonPropertyDescription("Name of a Secret in this namespace.")
        @Required
        @Size(max = 253)
        @ValidationRule(
            value = "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
            message = "secret.name must be the name of a Secret: a-z, 0-9, '-' and '.'")
        String name,
    @JsonPropertyDescription(
            "Key of the login name in the Secret. Default username; without that key the user's name is used. With a new login name for each new password, the previous login stays valid for the overlap.")
        @Default("username")
        @Size(max = 253)
        String usernameKey,
    @JsonPropertyDescription("Key of the password in the Secret. Default password.")
        @Default("password")
        @Size(max = 253)
        String passwordKey) {

  public SecretReference {
    usernameKey = requireNonNullElse(usernameKey, "username");
    passwordKey = requireNonNullElse(passwordKey, "password");
  }
}
