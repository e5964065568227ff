package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.sasl.Passwords;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslDbFormatException;
import io.securememcached.operator.sasl.SaslEntry;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds each user's password: in the sasldb that the servers read, else in the Secret that clients
 * read, else it makes a new one. So the loss or damage of either Secret locks nobody out.
 */
final class CredentialStore {

  private static final Logger LOG = LoggerFactory.getLogger(CredentialStore.class);

  private final ChildWriter children;
  private final Supplier<String> newPassword;

  CredentialStore(ChildWriter children, Supplier<String> newPassword) {
    this.children = children;
    this.newPassword = newPassword;
  }

  Credentials load(SecureMemcached primary, KubernetesClient client) {
    Map<String, String> served = served(primary, client);
    Map<String, String> passwords = new HashMap<>();
    for (String user : Credentials.usersOf(primary)) {
      passwords.put(
          user,
          Optional.ofNullable(served.get(user))
              .or(() -> published(primary, user, client))
              .filter(password -> Passwords.problem(password).isEmpty())
              .orElseGet(newPassword));
    }
    return new Credentials(passwords);
  }

  private Map<String, String> served(SecureMemcached primary, KubernetesClient client) {
    Map<String, String> passwords = new HashMap<>();
    value(primary, Names.sasl(primary), SaslConfig.SASLDB_FILE, client)
        .map(file -> read(primary, file))
        .orElse(List.of())
        .forEach(entry -> passwords.put(entry.user(), entry.password()));
    return passwords;
  }

  private static List<SaslEntry> read(SecureMemcached primary, byte[] file) {
    try {
      return SaslDb.read(file);
    } catch (SaslDbFormatException e) {
      LOG.atWarn()
          .addKeyValue("namespace", primary.getMetadata().getNamespace())
          .addKeyValue("name", Names.sasl(primary))
          .log("Found a damaged sasldb, wrote it again from the other Secrets: {}", e.getMessage());
      return List.of();
    }
  }

  private Optional<String> published(
      SecureMemcached primary, String user, KubernetesClient client) {
    String secret =
        user.equals(Credentials.OPERATOR_USER)
            ? Names.operator(primary)
            : Names.credentials(primary, user);
    return value(primary, secret, Secrets.PASSWORD, client)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private Optional<byte[]> value(
      SecureMemcached primary, String secret, String key, KubernetesClient client) {
    return children
        .find(primary, Secret.class, secret, client)
        .flatMap(found -> Optional.ofNullable(found.getData()))
        .flatMap(data -> Optional.ofNullable(data.get(key)))
        .map(Base64.getDecoder()::decode);
  }
}
