package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.sasl.Passwords;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslDbFormatException;
import io.securememcached.operator.sasl.SaslEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads logins out of the operator's Secrets. */
final class LoginSecrets {

  private static final Logger LOG = LoggerFactory.getLogger(LoginSecrets.class);

  private LoginSecrets() {}

  /** Password by login name, nothing if the Secret has no readable sasldb. */
  static Optional<Map<String, String>> passwords(SecureMemcached primary, Secret secret) {
    Optional<byte[]> file = SecretText.bytes(secret, SaslConfig.SASLDB_FILE);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> passwords = new HashMap<>();
    try {
      for (SaslEntry entry : SaslDb.read(file.get())) {
        if (Passwords.problem(entry.password()).isEmpty()) {
          passwords.put(entry.user(), entry.password());
        }
      }
      return Optional.of(passwords);
    } catch (SaslDbFormatException e) {
      LOG.atWarn()
          .addKeyValue("namespace", primary.getMetadata().getNamespace())
          .addKeyValue("name", secret.getMetadata().getName())
          .log("Restored a damaged sasldb from the other Secrets: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** The exporter's logins, which are in no record: a password is derived, and so never lost. */
  static List<Login> exporter(Map<String, String> passwords) {
    return ExporterKeys.LOGIN_NAMES.stream()
        .filter(passwords::containsKey)
        .map(name -> new Login(name, passwords.get(name)))
        .toList();
  }

  /** What clients, or the operator, read; nothing if a key is missing or can't be a password. */
  static Optional<Login> login(Secret secret) {
    return text(secret, Secrets.USERNAME)
        .flatMap(
            name ->
                text(secret, Secrets.PASSWORD)
                    .filter(password -> Passwords.problem(password).isEmpty())
                    .map(password -> new Login(name, password)));
  }

  private static Optional<String> text(Secret secret, String key) {
    return SecretText.bytes(secret, key).flatMap(SecretText::decode);
  }

  /** The logins in Secrets by user. */
  static Map<String, Login> byUser(Set<String> users, Function<String, Secret> secretOf) {
    Map<String, Login> logins = new HashMap<>();
    for (String user : users) {
      Optional.ofNullable(secretOf.apply(user))
          .flatMap(LoginSecrets::login)
          .ifPresent(login -> logins.put(user, login));
    }
    return logins;
  }
}
