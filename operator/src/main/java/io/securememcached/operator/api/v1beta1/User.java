package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Optional;

/**
 * A login for clients.
 *
 * @param secret null if the operator generates the login
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record User(
    @JsonPropertyDescription(
            "User name: at most 32 characters of a-z, 0-9 and '-', as it also names the Secret.")
        @Required
        @Size(max = 253)
        @ValidationRule(
            value =
                "size(self) <= "
                    + User.LONGEST_NAME
                    + " && self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
            message =
                "a user name is at most 32 characters of a-z, 0-9 and '-', with a letter or digit at both ends; no '@' or blank, which SASL reads as a realm")
        @ValidationRule(
            value = "self != 'securememcached-operator'",
            message = "this user name is reserved for the operator's own login; choose another")
        @ValidationRule(
            value = "self != 'securememcached-exporter'",
            message = "this user name is reserved for the exporter's login; choose another")
        String name,
    @JsonPropertyDescription(
            "User-provided Secret in this namespace with the login (External Secrets, Sealed Secrets, Vault). It is watched and never written; a change reaches the servers without a restart. Default: the operator generates the login.")
        SecretReference secret) {

  /** Most characters of a user's name. The default user has that of the resource, up to 50. */
  public static final int LONGEST_NAME = 32;

  /** A user whose login the operator generates. */
  public User(String name) {
    this(name, null);
  }

  /** The user-provided Secret with the login, if there is one. */
  public Optional<SecretReference> existingSecret() {
    return Optional.ofNullable(secret);
  }
}
