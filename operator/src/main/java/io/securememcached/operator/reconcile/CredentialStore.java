package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.resource.Servers;
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
import java.util.List;
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
   * @param unreadable why the logins are not known, if so; then there are those alone that clients
   *     and the operator use now
   */
  record Found(
      Logins logins, Set<String> lost, Set<String> unpublished, Optional<String> unreadable) {}

  Found load(SecureMemcached primary, Instant now, KubernetesClient client) {
    Optional<Secret> sasl = secret(primary, Names.sasl(primary), client);
    Optional<Secret> copy = secret(primary, Names.operator(primary), client);
    Optional<Map<String, String>> served = sasl.flatMap(secret -> passwords(primary, secret));
    Map<String, String> passwords =
        served.or(() -> copy.flatMap(secret -> passwords(primary, secret))).orElse(Map.of());
    Map<String, Login> published = published(primary, client);
    return switch (notes(Stream.of(sasl, copy).flatMap(Optional::stream).toList(), passwords)) {
      case Notes.Unreadable unreadable ->
          new Found(
              rebuilt(primary, published, Map.of(), now, client),
              Set.of(),
              Set.of(),
              Optional.of(unreadable.problem()));
      case Notes.Known read ->
          found(
              primary, restored(primary, read, published, now), read::isUnknown, served, published);
      case Notes.None none ->
          found(
              primary,
              rebuilt(primary, published, passwords, now, client),
              user -> isUnserved(published.get(user), passwords),
              served,
              published);
    };
  }

  private static Found found(
      SecureMemcached primary,
      Logins logins,
      Predicate<String> isUnknown,
      Optional<Map<String, String>> served,
      Map<String, Login> published) {
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
    return new Found(logins, lost, unpublished, Optional.empty());
  }

  /**
   * Those of the first Secret that has some that can be read. A newer version may write one Secret
   * and then the other: what it wrote counts, and this one must not write over it.
   */
  private static Notes notes(List<Secret> secrets, Map<String, String> passwords) {
    Notes notes = new Notes.None();
    for (Secret secret : secrets) {
      Optional<String> text =
          Optional.ofNullable(secret.getMetadata().getAnnotations())
              .flatMap(annotations -> Optional.ofNullable(annotations.get(Secrets.LOGINS)));
      if (text.isPresent()) {
        switch (LoginsText.read(text.get(), passwords)) {
          case LoginsText.Read.Known read -> {
            if (!(notes instanceof Notes.Known)) {
              notes = new Notes.Known(read.logins(), read.damaged());
            }
          }
          case LoginsText.Read.Unreadable read -> {
            Notes unreadable =
                new Notes.Unreadable(problem(secret, read.problem(), read.isNewer()));
            if (read.isNewer()) {
              return unreadable;
            }
            notes = notes instanceof Notes.None ? unreadable : notes;
          }
        }
      }
    }
    return notes;
  }

  private static String problem(Secret secret, String problem, boolean isNewer) {
    return "Secret %s, annotation %s %s. No login is changed until it can be read: %s, or remove the annotation from Secrets NAME-operator and NAME-sasl to have it written again from the logins in use."
        .formatted(
            secret.getMetadata().getName(),
            Secrets.LOGINS,
            problem,
            isNewer ? "upgrade the operator" : "restore it");
  }

  private static boolean isUnserved(Login published, Map<String, String> passwords) {
    return published != null && !published.password().equals(passwords.get(published.name()));
  }

  /** Logins of which the sasldb has no password any more come back from what clients read. */
  private static Logins restored(
      SecureMemcached primary, Notes.Known notes, Map<String, Login> published, Instant now) {
    Logins restored = notes.logins();
    for (String user : Credentials.usersOf(primary)) {
      if (notes.isUnknown(user)) {
        restored = with(restored, primary, user, Optional.ofNullable(published.get(user)), now);
      }
    }
    return restored;
  }

  /**
   * Without notes there are the logins that clients read and those of the file. What was asked for
   * may have been done: it is not done again.
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
                    .map(Servers::restarts)
                    .orElse(0));
    for (String user : Credentials.usersOf(primary)) {
      // Of two passwords for a name the servers take the one in the file.
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

  /** With a login that clients may hold, unless its name is another user's. */
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
          .log("Found a damaged sasldb, wrote it again from the other Secrets: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** What clients and the operator read, by user. */
  private Map<String, Login> published(SecureMemcached primary, KubernetesClient client) {
    Map<String, Login> published = new HashMap<>();
    for (String user : Credentials.usersOf(primary)) {
      boolean own = user.equals(Credentials.OPERATOR_USER);
      secret(primary, own ? Names.operator(primary) : Names.credentials(primary, user), client)
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

  /** Whether clients could read this login before: a pass that was cut short is no loss. */
  private static boolean wasPublished(SecureMemcached primary, String user, UserLogins logins) {
    boolean isPublished =
        user.equals(Credentials.OPERATOR_USER) || generation(primary, user) == logins.generation();
    return isPublished && logins.current().isPresent();
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
