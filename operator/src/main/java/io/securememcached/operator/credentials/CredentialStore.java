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
import io.securememcached.operator.resource.ZoneCidrs;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds the logins of a resource. The sasldb that the servers read comes first, with the annotation
 * beside it; then the copy in the operator's own Secret; then what clients read. So no client is
 * locked out, whichever Secret is lost or damaged.
 */
public final class CredentialStore {

  private final ChildWriter children;

  public CredentialStore(ChildWriter children) {
    this.children = children;
  }

  /**
   * What was found.
   *
   * @param lost users with a Secret that was deleted or damaged since the last complete
   *     reconciliation; nothing follows from it for a user who leaves the spec
   * @param isSasldbLost whether that is the servers' Secret
   * @param unpublished users with a current login that clients can't read, or can't read outside of
   *     the cluster where they have the previous one
   * @param unreadable why the logins are unknown, if so; then only those that clients and the
   *     operator use now are known
   * @param exporter the exporter's logins in the sasldb, newest unknown
   * @param read resourceVersion by name of the existing Secrets
   */
  record Found(
      Logins logins,
      Set<String> lost,
      boolean isSasldbLost,
      Set<String> unpublished,
      Optional<String> unreadable,
      List<Login> exporter,
      Map<String, String> read) {}

  Found load(SecureMemcached primary, Instant now, KubernetesClient client) {
    Map<String, Secret> secrets =
        secrets(primary, Stream.of(Names.sasl(primary), Names.operator(primary)), client);
    Optional<Secret> sasl = Optional.ofNullable(secrets.get(Names.sasl(primary)));
    Optional<Secret> copy = Optional.ofNullable(secrets.get(Names.operator(primary)));
    Optional<Map<String, String>> served =
        sasl.flatMap(secret -> LoginSecrets.passwords(primary, secret));
    Map<String, String> passwords =
        served
            .or(() -> copy.flatMap(secret -> LoginSecrets.passwords(primary, secret)))
            .orElse(Map.of());
    LoginNotes notes =
        LoginNotes.read(Stream.of(sasl, copy).flatMap(Optional::stream).toList(), passwords);
    Set<String> users = users(primary, notes);
    secrets.putAll(
        secrets(primary, users.stream().map(user -> Names.credentials(primary, user)), client));
    Map<String, Login> published = published(primary, users, secrets);
    Map<String, Secret> outside = secrets(primary, external(primary, users), client);
    secrets.putAll(outside);
    Map<String, Login> external =
        LoginSecrets.byUser(users, user -> outside.get(Names.externalCredentials(primary, user)));
    Map<String, String> read = new HashMap<>();
    secrets.forEach((name, secret) -> read.put(name, secret.getMetadata().getResourceVersion()));
    return switch (notes) {
      case LoginNotes.Unreadable unreadable ->
          new Found(
              rebuilt(primary, users, published, Map.of(), now, client),
              Set.of(),
              false,
              Set.of(),
              Optional.of(unreadable.problem()),
              List.of(),
              read);
      case LoginNotes.Known known ->
          found(
              primary,
              users,
              restored(primary, users, known, published, now),
              user -> isUnknown(known, user),
              served,
              published,
              external,
              read);
      case LoginNotes.None none ->
          found(
              primary,
              users,
              rebuilt(primary, users, published, passwords, now, client),
              user -> isUnserved(published.get(user), passwords),
              served,
              published,
              external,
              read);
    };
  }

  /** Names of the Secrets for clients outside of the cluster, if there are some. */
  private static Stream<String> external(SecureMemcached primary, Set<String> users) {
    return primary.getSpec().externalAccess().isEmpty() || ZoneCidrs.of(primary).isEmpty()
        ? Stream.empty()
        : users.stream()
            .filter(user -> !user.equals(Credentials.OPERATOR_USER))
            .map(user -> Names.externalCredentials(primary, user));
  }

  /** Existing Secrets by name. */
  private Map<String, Secret> secrets(
      SecureMemcached primary, Stream<String> names, KubernetesClient client) {
    Map<String, Secret> secrets = new HashMap<>();
    names.forEach(
        name ->
            children
                .find(primary, Secret.class, name, client)
                .ifPresent(secret -> secrets.put(name, secret)));
    return secrets;
  }

  /**
   * The users of the spec, and those who leave it: they are in the records, or where these are lost
   * in the last status.
   */
  private static Set<String> users(SecureMemcached primary, LoginNotes notes) {
    Set<String> users = new LinkedHashSet<>(Credentials.usersOf(primary));
    if (notes instanceof LoginNotes.Known known) {
      users.addAll(known.logins().users().keySet());
    } else {
      primary.getStatus().credentials().forEach(login -> users.add(login.user()));
    }
    return users;
  }

  private static Found found(
      SecureMemcached primary,
      Set<String> users,
      Logins logins,
      Predicate<String> isUnknown,
      Optional<Map<String, String>> served,
      Map<String, Login> published,
      Map<String, Login> external,
      Map<String, String> read) {
    boolean wasWhole = primary.getStatus().observedGeneration() > 0;
    boolean isSasldbLost = wasWhole && served.isEmpty();
    Set<String> lost = new HashSet<>();
    Set<String> unpublished = new HashSet<>();
    for (String user : users) {
      UserLogins of = logins.of(user);
      boolean isUnpublished = !Optional.ofNullable(published.get(user)).equals(of.current());
      Optional<Login> outside = Optional.ofNullable(external.get(user));
      if (isUnpublished
          || outside.isPresent() && outside.equals(of.previous().map(Previous::login))) {
        unpublished.add(user);
      }
      if (isSasldbLost
          || wasWhole
              && (isUnknown.test(user) || wasPublished(primary, user, of) && isUnpublished)) {
        lost.add(user);
      }
    }
    return new Found(
        logins,
        lost,
        isSasldbLost,
        unpublished,
        Optional.empty(),
        LoginSecrets.exporter(served.orElse(Map.of())),
        read);
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
      SecureMemcached primary,
      Set<String> users,
      LoginNotes.Known notes,
      Map<String, Login> published,
      Instant now) {
    Logins restored = notes.logins();
    for (String user : users) {
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
      Set<String> users,
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
    for (String user : users) {
      // Of two passwords for a name the servers accept the one in the file.
      Optional<Login> login =
          Optional.ofNullable(published.get(user))
              .map(
                  read ->
                      new Login(read.name(), passwords.getOrDefault(read.name(), read.password())));
      logins = with(logins, primary, user, login, now);
    }
    for (String user : users) {
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
    users.put(
        user,
        UserLogins.of(login.get(), generation(primary, user), now)
            .withEnding(logins.of(user).ending()));
    return logins.withUsers(users);
  }

  /** What clients and the operator read, by user. */
  private static Map<String, Login> published(
      SecureMemcached primary, Set<String> users, Map<String, Secret> secrets) {
    return LoginSecrets.byUser(
        users,
        user ->
            secrets.get(
                user.equals(Credentials.OPERATOR_USER)
                    ? Names.operator(primary)
                    : Names.credentials(primary, user)));
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
}
