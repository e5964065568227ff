package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.LoginsText;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.sasl.Passwords;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslDbFormatException;
import io.securememcached.operator.sasl.SaslEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the logins of a resource. The sasldb that the servers read comes first, with the annotation
 * beside it; then the copy in the operator's own Secret; then what clients read. So whichever
 * Secret is lost or damaged, nobody is locked out.
 */
final class CredentialStore {

  private static final Logger LOG = LoggerFactory.getLogger(CredentialStore.class);

  private final ChildWriter children;

  CredentialStore(ChildWriter children) {
    this.children = children;
  }

  /**
   * What was found.
   *
   * @param lost users with a Secret that was deleted or damaged since the last finished pass
   * @param unpublished users with a current login that clients can't read
   */
  record Found(Logins logins, Set<String> lost, Set<String> unpublished) {}

  Found load(SecureMemcached primary, Instant now, KubernetesClient client) {
    Optional<Secret> sasl = secret(primary, Names.sasl(primary), client);
    Optional<Secret> copy = secret(primary, Names.operator(primary), client);
    Optional<Map<String, String>> served = sasl.flatMap(secret -> passwords(primary, secret));
    Optional<Logins> known =
        served
            .or(() -> copy.flatMap(secret -> passwords(primary, secret)))
            .map(
                passwords ->
                    annotated(sasl, passwords)
                        .or(() -> annotated(copy, passwords))
                        .orElseGet(() -> unannotated(passwords)));
    boolean wasWhole = primary.getStatus().observedGeneration() > 0;
    Logins logins =
        known.orElseGet(() -> Logins.none(Requests.among(primary.getMetadata().getAnnotations())));
    Map<String, UserLogins> users = new TreeMap<>(logins.users());
    Set<String> lost = new HashSet<>();
    Set<String> unpublished = new HashSet<>();
    for (String user : Credentials.usersOf(primary)) {
      Optional<Login> published = published(primary, user, client);
      UserLogins of = logins.of(user);
      boolean isUnpublished = !published.equals(of.current());
      if (isUnpublished) {
        unpublished.add(user);
      }
      boolean isUnknown = of.current().isEmpty() && of.next().isEmpty();
      if (isUnknown) {
        published.ifPresent(
            login -> users.put(user, UserLogins.of(login, generation(primary, user), now)));
      }
      if (wasWhole
          && (isUnknown || served.isEmpty() || wasPublished(primary, user, of) && isUnpublished)) {
        lost.add(user);
      }
    }
    return new Found(logins.withUsers(users), lost, unpublished);
  }

  private static Optional<Logins> annotated(
      Optional<Secret> secret, Map<String, String> passwords) {
    return secret
        .flatMap(found -> Optional.ofNullable(found.getMetadata().getAnnotations()))
        .flatMap(annotations -> Optional.ofNullable(annotations.get(Secrets.LOGINS)))
        .flatMap(text -> LoginsText.read(text, passwords));
  }

  /** Without its annotation a file tells of logins, but not what they are for. */
  private static Logins unannotated(Map<String, String> passwords) {
    Map<String, UserLogins> users = new HashMap<>();
    passwords.forEach(
        (name, password) ->
            users.put(name, UserLogins.of(new Login(name, password), 1, Instant.EPOCH)));
    return Logins.none(Map.of()).withUsers(users);
  }

  /** Password by login name, nothing if the Secret has no readable sasldb. */
  private static Optional<Map<String, String>> passwords(SecureMemcached primary, Secret secret) {
    Optional<byte[]> file = data(secret, SaslConfig.SASLDB_FILE);
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
          .log("Found a damaged sasldb, wrote it again from the other Secrets: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Login> published(SecureMemcached primary, String user, KubernetesClient client) {
    boolean own = user.equals(Credentials.OPERATOR_USER);
    return secret(primary, own ? Names.operator(primary) : Names.credentials(primary, user), client)
        .flatMap(
            secret ->
                text(secret, Secrets.USERNAME)
                    .flatMap(
                        name ->
                            text(secret, Secrets.PASSWORD)
                                .filter(password -> Passwords.problem(password).isEmpty())
                                .map(password -> new Login(name, password))));
  }

  /** Whether clients could read this login before: a pass that was cut short is no loss. */
  private static boolean wasPublished(SecureMemcached primary, String user, UserLogins logins) {
    return user.equals(Credentials.OPERATOR_USER)
        ? logins.current().isPresent()
        : logins.current().isPresent() && generation(primary, user) == logins.generation();
  }

  /** As the status has it, 1 without one. */
  private static int generation(SecureMemcached primary, String user) {
    return primary.getStatus().credentials().stream()
        .filter(status -> status.user().equals(user))
        .map(CredentialsStatus::generation)
        .findFirst()
        .orElse(1);
  }

  private Optional<Secret> secret(SecureMemcached primary, String name, KubernetesClient client) {
    return children.find(primary, Secret.class, name, client);
  }

  private static Optional<String> text(Secret secret, String key) {
    return data(secret, key).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private static Optional<byte[]> data(Secret secret, String key) {
    return Optional.ofNullable(secret.getData())
        .flatMap(data -> Optional.ofNullable(data.get(key)))
        .map(Base64.getDecoder()::decode);
  }
}
