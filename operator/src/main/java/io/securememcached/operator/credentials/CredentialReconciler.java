package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.RotationPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.children.ChildException;
import io.securememcached.operator.client.ApiServerTime;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.monitoring.ExporterLogins;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.rotation.Rotation;
import io.securememcached.operator.rotation.RotationInput;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.rotation.Wait;
import io.securememcached.operator.sasl.Passwords;
import io.securememcached.operator.sasl.Realms;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.Stage;
import io.securememcached.operator.watches.ReconcileContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Advances the logins of a resource to their next state. */
public final class CredentialReconciler {

  private final CredentialStore store;
  private final UserProvidedSecrets secrets;
  private final LoginProof proofs;
  private final ExporterKeySecret exporter;
  private final LoginCopier copies;

  public CredentialReconciler(
      CredentialStore store,
      UserProvidedSecrets secrets,
      LoginProof proofs,
      ExporterKeySecret exporter,
      LoginCopier copies) {
    this.store = store;
    this.secrets = secrets;
    this.proofs = proofs;
    this.exporter = exporter;
    this.copies = copies;
  }

  /**
   * Takes the next steps, which the caller stores by applying the Secrets.
   *
   * @throws ChildException when the API server can't be asked for a Secret
   */
  public CredentialResult advance(ReconcileContext context) {
    try {
      return next(context);
    } catch (KubernetesClientException e) {
      throw ChildException.before(Stage.CREDENTIALS, e);
    }
  }

  /**
   * The logins as they are stored, of a paused resource: none takes a step.
   *
   * @throws ChildException when the API server can't be asked for a Secret
   */
  public CredentialResult load(ReconcileContext context) {
    try {
      CredentialStore.Found found = store.load(context.primary(), context.now(), context.client());
      return found
          .unreadable()
          .map(problem -> CredentialResult.unreadable(found.logins(), problem))
          .orElseGet(
              () ->
                  CredentialResult.unchanged(
                      found.logins(), context.primary().getSpec().replicas()));
    } catch (KubernetesClientException e) {
      throw ChildException.before(Stage.CREDENTIALS, e);
    }
  }

  private CredentialResult next(ReconcileContext context) {
    SecureMemcached primary = context.primary();
    KubernetesClient client = context.client();
    List<Pod> pods = context.servers();
    // What is stored must read back equal.
    Instant now = context.now().truncatedTo(ChronoUnit.MILLIS);
    CredentialStore.Found found = store.load(primary, now, client);
    if (found.unreadable().isPresent()) {
      return CredentialResult.unreadable(found.logins(), found.unreadable().get());
    }
    UserProvidedLogins.Read provided =
        UserProvidedLogins.read(primary, secrets.get(primary), secrets.shortage(primary));
    int servers = servers(primary, context.terminating());
    RotationPolicy policy = primary.getSpec().rotation();
    RotationInput situation =
        new RotationInput(
            Credentials.usersOf(primary),
            Credentials.OPERATOR_USER,
            Set.of(ExporterKeys.NAME),
            provided.logins(),
            found.lost(),
            found.isSasldbLost(),
            Stream.concat(
                    found.unpublished().stream(),
                    copies.undelivered(primary, found.logins(), now, client).stream())
                .collect(Collectors.toSet()),
            Requests.among(primary.getMetadata().getAnnotations()),
            policy.overlapDuration(),
            policy.intervalDuration(),
            next -> proofs.pending(primary, pods, next, now).isEmpty(),
            logins -> Credentials.hasRoom(primary, logins, servers),
            Passwords::generate,
            now);
    Set<String> unknown =
        Requests.forUnknownUsers(
            situation.requests(),
            found.logins().handled(),
            situation.users(),
            Credentials.leavingUsersOf(primary, found.logins()));
    Rotation.Result result = Rotation.advance(found.logins(), situation);
    if (!result.logins().equals(found.logins())) {
      Instant confirmed = ApiServerTime.confirm(now, client);
      if (!confirmed.equals(now)) {
        situation = situation.at(confirmed);
        result = Rotation.advance(found.logins(), situation);
      }
    }
    Logins logins = result.logins();
    List<Next> underWay =
        logins.users().values().stream().flatMap(user -> user.next().stream()).toList();
    proofs.keep(pods, underWay.stream().map(Next::login).toList());
    Map<String, String> problems = new HashMap<>(provided.problems());
    List<String> queue = new ArrayList<>();
    Optional<Collection<Login>> tooMany =
        Credentials.fits(primary, logins.all(), servers)
            ? Optional.empty()
            : Optional.of(logins.all());
    boolean isMoving =
        logins.users().values().stream()
            .anyMatch(
                user ->
                    user.previous().isPresent()
                        || user.next().isPresent()
                        || user.ending().isPresent());
    for (Map.Entry<String, Wait> user : result.waiting().entrySet()) {
      if (!(user.getValue() instanceof Wait.NoRoom noRoom)) {
        problems.put(
            user.getKey(), WaitingUsers.message(primary, logins, user.getKey(), user.getValue()));
      } else if (isMoving) {
        queue.add(user.getKey());
      } else {
        tooMany = tooMany.or(() -> Optional.of(noRoom.logins()));
      }
    }
    Duration ahead = Duration.between(situation.now(), now);
    return new CredentialResult(
        logins,
        found.read(),
        pending(primary, pods, logins, situation.now()),
        problems,
        queue,
        tooMany.map(all -> WaitingUsers.tooLong(primary, logins, all, servers)),
        servers,
        due(Rotation.due(logins, situation), underWay, situation.now())
            // By the clock that says when it has come.
            .map(step -> step.plus(ahead)),
        unknown,
        Optional.empty(),
        ExporterLogins.beside(
            exporter.logins(primary).orElse(found.exporter()),
            Credentials.usersOf(primary),
            logins,
            all -> Credentials.fits(primary, all, servers)));
  }

  /**
   * Number of host names in the sasldb. Terminating servers still have clients. As their numbers
   * may be forged, they count only up to the maximum number of servers.
   */
  private static int servers(SecureMemcached primary, List<Pod> ending) {
    return ending.stream()
        .map(pod -> Names.ordinal(primary, pod.getMetadata().getName()))
        .flatMapToInt(OptionalInt::stream)
        .map(ordinal -> Math.min(ordinal + 1, Realms.MOST_SERVERS))
        .reduce(primary.getSpec().replicas(), Math::max);
  }

  private Map<String, List<PendingServer>> pending(
      SecureMemcached primary, List<Pod> pods, Logins logins, Instant now) {
    Map<String, List<PendingServer>> pending = new HashMap<>();
    logins
        .users()
        .forEach(
            (user, of) ->
                of.next()
                    .ifPresent(
                        next -> pending.put(user, proofs.pending(primary, pods, next, now))));
    return pending;
  }

  /** Reachable servers trigger a reconciliation; for the others there is a time. */
  private static Optional<Instant> due(Optional<Instant> step, List<Next> underWay, Instant now) {
    return Stream.concat(
            step.stream(), underWay.stream().map(next -> next.since().plus(LoginProof.UNSEEN)))
        .filter(time -> time.isAfter(now))
        .min(Instant::compareTo);
  }
}
