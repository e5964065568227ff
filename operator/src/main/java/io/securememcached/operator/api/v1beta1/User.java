package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Optional;

/**
 * A login for clients.
 *
 * @param secret null if the operator generates the login
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
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
        SecretReference secret,
    @JsonPropertyDescription(
            "Other namespaces that get a copy of the login, kept current through rotations. Each must consent by a Secret with the name of this user's Secret and the label securememcached.io/copy-from=NAMESPACE, this resource's namespace. A namespace that leaves the list loses the copy; no login ends. Default: none.")
        @Size(max = 16)
        @ValidationRule(
            value = "self.all(n, n.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'))",
            message =
                "secretNamespaces must be names of namespaces: a-z, 0-9 and '-', with a letter or digit at both ends")
        List<@Size(max = 63) String> secretNamespaces) {

  /** Most characters of a user's name. The default user has that of the resource, up to 50. */
  public static final int LONGEST_NAME = 32;

  /** Copies the list. */
  public User {
    secretNamespaces = Copies.of(secretNamespaces);
  }

  /** A user whose login the operator generates. */
  public User(String name) {
    this(name, null, List.of());
  }

  /** The user-provided Secret with the login, if there is one. */
  public Optional<SecretReference> existingSecret() {
    return Optional.ofNullable(secret);
  }
}
