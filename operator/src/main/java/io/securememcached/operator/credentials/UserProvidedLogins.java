package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.api.v1beta1.SecretReference;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.sasl.Passwords;
import io.securememcached.operator.sasl.SaslEntry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads user-provided logins, and reports what is wrong with a Secret. */
final class UserProvidedLogins {

  /**
   * Logins by user.
   *
   * @param logins an entry for each user with a user-provided Secret, empty while it can't be used
   * @param problems by user: what is wrong, naming Secret and key, never a value
   */
  record Read(Map<String, Optional<Login>> logins, Map<String, String> problems) {}

  private UserProvidedLogins() {}

  /** Names of the user-provided Secrets of a resource. */
  static Set<String> secretsOf(SecureMemcached primary) {
    return primary.getSpec().users().stream()
        .flatMap(user -> user.existingSecret().stream())
        .map(SecretReference::name)
        .collect(Collectors.toSet());
  }

  /**
   * Reads the logins.
   *
   * @param secrets by name
   * @param shortage why a Secret that is not among them may exist all the same, if so
   */
  static Read read(
      SecureMemcached primary, Map<String, Secret> secrets, Optional<String> shortage) {
    Map<String, Optional<Login>> logins = new HashMap<>();
    Map<String, String> problems = new HashMap<>();
    for (User user : primary.getSpec().users()) {
      user.existingSecret()
          .ifPresent(
              reference -> {
                try {
                  Secret secret = secrets.get(reference.name());
                  if (secret == null && shortage.isPresent()) {
                    throw new UnusableException(
                        "Secret %s of user %s is not read: %s"
                            .formatted(reference.name(), user.name(), shortage.get()));
                  }
                  Login login = login(primary, user.name(), reference, secret);
                  logins.put(user.name(), Optional.of(login));
                } catch (UnusableException e) {
                  logins.put(user.name(), Optional.empty());
                  problems.put(user.name(), e.getMessage());
                }
              });
    }
    return new Read(logins, problems);
  }

  private static Login login(
      SecureMemcached primary, String user, SecretReference reference, Secret secret)
      throws UnusableException {
    if (secret == null) {
      throw new UnusableException(
          "Secret %1$s of user %2$s does not exist or lacks the label %4$s=%5$s. Create it with this label, or run: kubectl --namespace %3$s label secret %1$s --overwrite %4$s=%5$s"
              .formatted(
                  reference.name(),
                  user,
                  primary.getMetadata().getNamespace(),
                  Labels.LOGIN_FOR,
                  primary.getMetadata().getName()));
    }
    if (Labels.OPERATOR.equals(label(secret))) {
      throw new UnusableException(
          "Secret " + reference.name() + " is managed by this operator; reference another Secret");
    }
    String name = text(secret, reference, reference.usernameKey()).orElse(user);
    String password =
        text(secret, reference, reference.passwordKey())
            .orElseThrow(
                () ->
                    new UnusableException(
                        reference, reference.passwordKey(), "is missing; add the password"));
    Optional<String> wrong = Passwords.problem(password);
    if (wrong.isPresent()) {
      throw new UnusableException(reference, reference.passwordKey(), wrong.get());
    }
    try {
      String longestRealm = primary.getMetadata().getName() + "-999";
      return new Login(new SaslEntry(name, longestRealm, password).user(), password);
    } catch (IllegalArgumentException e) {
      throw new UnusableException(
          reference, reference.usernameKey(), "is not a valid user name: " + e.getMessage());
    }
  }

  private static String label(Secret secret) {
    return secret.getMetadata().getLabels() == null
        ? null
        : secret.getMetadata().getLabels().get(Labels.MANAGED_BY);
  }

  private static Optional<String> text(Secret secret, SecretReference reference, String key)
      throws UnusableException {
    Optional<byte[]> bytes = SecretText.bytes(secret, key);
    Optional<String> text = bytes.flatMap(SecretText::decode);
    if (bytes.isPresent() && text.isEmpty()) {
      throw new UnusableException(
          reference,
          key,
          // What is longer than any login may be cut within a character.
          bytes.get().length > SaslEntry.MAX_ITEM_BYTES
              ? "is longer than %d bytes".formatted(SaslEntry.MAX_ITEM_BYTES)
              : "is not UTF-8; encode random bytes as text, for example with openssl rand -hex 32");
    }
    return text;
  }

  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }

    UnusableException(SecretReference reference, String key, String problem) {
      super("Secret " + reference.name() + ", key " + key + ": " + problem);
    }
  }
}
