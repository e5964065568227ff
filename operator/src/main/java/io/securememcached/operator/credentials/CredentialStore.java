package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.children.ChildWriter;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the logins of a resource. The sasldb that the servers read comes first, with the annotation
 * beside it; then the copy in the operator's own Secret; then what clients read. So no client is
 * locked out, whichever Secret is lost or damaged.
 */
public final class CredentialStore {

  private static final Logger LOG = LoggerFactory.getLogger(CredentialStore.class);

  private final ChildWriter children;

  public CredentialStore(ChildWriter children) {
    this.children = children;
  }

  /**
   * What was found.
   *
   * @param lost users with a Secret that was deleted or damaged since the last complete
   *     reconciliation
   * @param unpublished users with a current login that clients can't read
   * @param unreadable why the logins are unknown, if so; then only those that clients and the
   *     operator use now are known
   * @param read resourceVersion by name of the existing Secrets
   */
  record Found(
      Logins logins,
      Set<String> lost,
      Set<String> unpublished,
      Optional<String> unreadable,
      Map<String, String> read) {}

  Found load(SecureMemcached primary, Instant now, KubernetesClient client) {
    Map<String, Secret> secrets = secrets(primary, client);
    Optional<Secret> sasl = Optional.ofNullable(secrets.get(Names.sasl(primary)));
    Optional<Secret> copy = Optional.ofNullable(secrets.get(Names.operator(primary)));
    Optional<Map<String, String>> served = sasl.flatMap(secret -> passwords(primary, secret));
    Map<String, String> passwords =
        served.or(() -> copy.flatMap(secret -> passwords(primary, secret))).orElse(Map.of());
    Map<String, Login> published = published(primary, secrets);
    Map<String, String> read = new HashMap<>();
    secrets.forEach((name, secret) -> read.put(name, secret.getMetadata().getResourceVersion()));
    return switch (LoginNotes.read(
        Stream.of(sasl, copy).flatMap(Optional::stream).toList(), passwords)) {
      case LoginNotes.Unreadable unreadable ->
          new Found(
              rebuilt(primary, published, Map.of(), now, client),
              Set.of(),
              Set.of(),
              Optional.of(unreadable.problem()),
              read);
      case LoginNotes.Known known ->
          found(
              primary,
              restored(primary, known, published, now),
              user -> isUnknown(known, user),
              served,
              published,
              read);
      case LoginNotes.None none ->
          found(
              primary,
              rebuilt(primary, published, passwords, now, client),
              user -> isUnserved(published.get(user), passwords),
              served,
              published,
              read);
    };
  }

  /** All Secrets with logins, each read once. */
  private Map<String, Secret> secrets(SecureMemcached primary, KubernetesClient client) {
    Map<String, Secret> secrets = new HashMap<>();
    Stream.concat(
            Stream.of(Names.sasl(primary)),
            Credentials.usersOf(primary).stream().map(user -> secretOf(primary, user)))
        .forEach(
            name ->
                children
                    .find(primary, Secret.class, name, client)
                    .ifPresent(secret -> secrets.put(name, secret)));
    return secrets;
  }

  /** What a user, or the operator itself, reads the login from. */
  private static String secretOf(SecureMemcached primary, String user) {
    return user.equals(Credentials.OPERATOR_USER)
        ? Names.operator(primary)
        : Names.credentials(primary, user);
  }

  private static Found found(
      SecureMemcached primary,
      Logins logins,
      Predicate<String> isUnknown,
      Optional<Map<String, String>> served,
      Map<String, Login> published,
      Map<String, String> read) {
    boolean wasWhole = primary.getStatus().observedGeneration() > 0;
    Set<String> lost = new HashSet<>();
    Set<String> unpublished = new HashSet<>();
    for (String user : Credentials.usersOf(primary)) {
      UserLogins of = logins.of(user);
      boolean isUnpublished = !Optional.ofNullable(published.get(user)).equals(of.current());
      if (isUnpublished) {
        unpublished.add(user);
      }
      if (wasWhole
          && (isUnknown.test(user)
              || served.isEmpty()
              || wasPublished(primary, user, of) && isUnpublished)) {
        lost.add(user);
      }
    }
    return new Found(logins, lost, unpublished, Optional.empty(), read);
  }

  /** Whether a login is missing; a user whose login was revoked may have none. */
  private static boolean isUnknown(LoginNotes.Known notes, String user) {
    UserLogins of = notes.logins().of(user);
    return (!notes.logins().users().containsKey(user) || notes.damaged().contains(user))
        && of.current().isEmpty()
        && of.next().isEmpty();
  }

  private static boolean isUnserved(Login published, Map<String, String> passwords) {
    return published != null && !published.password().equals(passwords.get(published.name()));
  }

  /** Logins without a password in the sasldb are restored from the credentials Secrets. */
  private static Logins restored(
      SecureMemcached primary, LoginNotes.Known notes, Map<String, Login> published, Instant now) {
    Logins restored = notes.logins();
    for (String user : Credentials.usersOf(primary)) {
      if (isUnknown(notes, user)) {
        restored = with(restored, primary, user, Optional.ofNullable(published.get(user)), now);
      }
    }
    return restored;
  }

  /**
   * Without records, the published logins and those of the file are used. Requests may have been
   * handled, so they are not repeated.
   */
  private Logins rebuilt(
      SecureMemcached primary,
      Map<String, Login> published,
      Map<String, String> passwords,
      Instant now,
      KubernetesClient client) {
    Logins logins =
        Logins.none(Requests.among(primary.getMetadata().getAnnotations()))
            .withRestarts(
                children
                    .find(primary, StatefulSet.class, primary.getMetadata().getName(), client)
                    .map(set -> AppliedTemplate.of(set).restarts())
                    .orElse(0));
    for (String user : Credentials.usersOf(primary)) {
      // Of two passwords for a name the servers accept the one in the file.
      Optional<Login> login =
          Optional.ofNullable(published.get(user))
              .map(
                  read ->
                      new Login(read.name(), passwords.getOrDefault(read.name(), read.password())));
      logins = with(logins, primary, user, login, now);
    }
    for (String user : Credentials.usersOf(primary)) {
      if (logins.of(user).current().isEmpty()) {
        Optional<Login> stored =
            Optional.ofNullable(passwords.get(user)).map(password -> new Login(user, password));
        logins = with(logins, primary, user, stored, now);
      }
    }
    return logins;
  }

  /** With a login that clients may use, unless its name belongs to another user. */
  private static Logins with(
      Logins logins, SecureMemcached primary, String user, Optional<Login> login, Instant now) {
    if (login.isEmpty() || logins.holder(login.get().name()).isPresent()) {
      return logins;
    }
    Map<String, UserLogins> users = new TreeMap<>(logins.users());
    users.put(user, UserLogins.of(login.get(), generation(primary, user), now));
    return logins.withUsers(users);
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
          .log("Restored a damaged sasldb from the other Secrets: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** What clients and the operator read, by user. */
  private static Map<String, Login> published(
      SecureMemcached primary, Map<String, Secret> secrets) {
    Map<String, Login> published = new HashMap<>();
    for (String user : Credentials.usersOf(primary)) {
      Optional.ofNullable(secrets.get(secretOf(primary, user)))
          .flatMap(
              secret ->
                  text(secret, Secrets.USERNAME)
                      .flatMap(
                          name ->
                              text(secret, Secrets.PASSWORD)
                                  .filter(password -> Passwords.problem(password).isEmpty())
                                  .map(password -> new Login(name, password))))
          .ifPresent(login -> published.put(user, login));
    }
    return published;
  }

  /** Whether clients could read this login before: an interrupted reconciliation is not a loss. */
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

  private static Optional<String> text(Secret secret, String key) {
    return data(secret, key).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private static Optional<byte[]> data(Secret secret, String key) {
    return Optional.ofNullable(secret.getData())
        .flatMap(data -> Optional.ofNullable(data.get(key)))
        .map(Base64.getDecoder()::decode);
  }
}
