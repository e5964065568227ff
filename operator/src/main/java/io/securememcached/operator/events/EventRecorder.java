package io.securememcached.operator.events;

import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.ScalingStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.rotation.Cause;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.status.ConditionChange;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.ServerUpdate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records events for changes of conditions, and for what conditions do not say. */
public final class EventRecorder {

  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

  private static final String NORMAL = "Normal";
  private static final String WARNING = "Warning";

  /** Longest message in characters, as newer kinds of events allow. */
  private static final int LONGEST = 1024;

  private EventRecorder() {}

  public static void record(
      SecureMemcached primary, SecureMemcachedStatus next, KubernetesClient client) {
    SecureMemcachedStatus last = primary.getStatus();
    for (ConditionChange change : ConditionChange.between(last.conditions(), next.conditions())) {
      String type = change.isWarning() ? WARNING : NORMAL;
      create(primary, type, change.reason(), change.message(), change.type(), client);
    }
    DefaultFlavor.of(primary, next)
        .ifPresent(
            message ->
                write(
                    primary,
                    WARNING,
                    "DefaultFlavorOutdated",
                    message,
                    // Without the resource's version, so that the API server keeps one only.
                    name(primary, "DefaultFlavorOutdated"),
                    client));
    next.lastScaling()
        .filter(scaling -> !last.lastScaling().equals(Optional.of(scaling)))
        .ifPresent(scaling -> scaled(primary, scaling, client));
    for (CredentialsStatus login : next.credentials()) {
      Optional<CredentialsStatus> earlier = of(login.user(), last);
      earlier.ifPresent(before -> record(primary, before, login, client));
      ending(primary, earlier, login, client);
    }
    last.credentials().stream()
        .filter(login -> login.generation() > 0 && of(login.user(), next).isEmpty())
        .forEach(login -> ended(primary, login, client));
  }

  /** The number of servers has changed; the first one is no change. */
  private static void scaled(
      SecureMemcached primary, ScalingStatus scaling, KubernetesClient client) {
    scaling
        .before()
        .ifPresent(
            from ->
                create(
                    primary,
                    NORMAL,
                    from < scaling.to() ? "ServersAdded" : "ServersRemoved",
                    scaling.keys(),
                    from + "-" + scaling.to(),
                    client));
  }

  private static Optional<CredentialsStatus> of(String user, SecureMemcachedStatus status) {
    return status.credentials().stream().filter(login -> login.user().equals(user)).findFirst();
  }

  /** A user has left the spec, or is back before the login has ended. */
  private static void ending(
      SecureMemcached primary,
      Optional<CredentialsStatus> last,
      CredentialsStatus next,
      KubernetesClient client) {
    String before = last.map(CredentialsStatus::validUntil).orElse("");
    if (next.phase() != CredentialsPhase.Ending) {
      if (!before.isEmpty()) {
        String message =
            "Login of user %s does not end, as the user is in the spec again."
                .formatted(next.user());
        create(primary, NORMAL, "LoginKept", message, next.user(), client);
      }
    } else if (!next.validUntil().isEmpty() && !next.validUntil().equals(before)) {
      create(
          primary,
          WARNING,
          "LoginEnding",
          "Login of user %1$s ends at %2$s, and its Secret %3$s is deleted then, as spec.users does not list the user. To keep the login, %4$s; to end it now, set annotation %5$s.%1$s."
              .formatted(
                  next.user(),
                  next.validUntil(),
                  next.secretName(),
                  next.user().length() <= User.LONGEST_NAME
                      ? "add {name: %s} to spec.users".formatted(next.user())
                      : "remove spec.users",
                  Requests.REVOKE),
          next.user(),
          client);
    }
  }

  /** A warning unless it was announced. */
  private static void ended(
      SecureMemcached primary, CredentialsStatus login, KubernetesClient client) {
    create(
        primary,
        login.validUntil().isEmpty() ? WARNING : NORMAL,
        "LoginEnded",
        "Login of user %s ended, and its Secret %s was deleted, as spec.users does not list the user."
            .formatted(login.user(), login.secretName()),
        login.user(),
        client);
  }

  /** Annotations ask for the logins of users that the spec does not have. */
  public static void unknownUsers(
      SecureMemcached primary, Set<String> annotations, KubernetesClient client) {
    String users =
        Credentials.clientUsersOf(primary).stream().map(User::name).collect(joining(", "));
    for (String annotation : annotations) {
      create(
          primary,
          WARNING,
          "UnknownUser",
          "Annotation %s was ignored: unknown user. Users of this resource: %s."
              .formatted(annotation, users),
          annotation,
          client);
    }
  }

  /** A server is restarted, which empties its cache. */
  public static void restart(
      SecureMemcached primary, ServerUpdate update, KubernetesClient client) {
    create(
        primary,
        NORMAL,
        "RestartingServer",
        "Restarting server %s, which empties its cache, for: %s."
            .formatted(
                update.name(),
                update.changes().stream()
                    .map(ServerUpdate.Change::toString)
                    .collect(joining("; "))),
        update.pod().getMetadata().getUid(),
        client);
  }

  /** Somebody else has changed a Service for clients outside of the cluster. */
  public static void externalRestored(
      SecureMemcached primary, String message, KubernetesClient client) {
    create(primary, WARNING, "ExternalServiceRestored", message, message, client);
  }

  /** Another operator manages the resource. */
  public static void otherOperator(
      SecureMemcached primary, String message, KubernetesClient client) {
    create(primary, WARNING, "ManagedByOtherOperator", message, "", client);
  }

  /** What happened to a login since the last status. */
  private static void record(
      SecureMemcached primary,
      CredentialsStatus last,
      CredentialsStatus next,
      KubernetesClient client) {
    String key = next.user() + next.generation();
    if (next.generation() > last.generation() && last.generation() > 0) {
      boolean revoked = next.cause().equals(Cause.Revoked.name());
      String before =
          next.previousValidUntil().isEmpty()
              ? "no other login of this user is valid."
              : "the previous login is valid until " + next.previousValidUntil() + ".";
      create(
          primary,
          NORMAL,
          revoked ? "CredentialsRevoked" : "CredentialsRotated",
          "Secret %s now contains login %s; %s"
              .formatted(next.secretName(), next.username(), before),
          key,
          client);
    } else if (!last.previousValidUntil().isEmpty() && next.previousValidUntil().isEmpty()) {
      create(
          primary,
          NORMAL,
          "PreviousLoginEnded",
          "Previous login of user %s ended; only login %s is valid now."
              .formatted(next.user(), next.username()),
          key,
          client);
    }
    if (next.phase() == CredentialsPhase.Delivering
        && last.phase() != CredentialsPhase.Delivering
        && next.generation() > 0) {
      create(
          primary,
          NORMAL,
          "RotationStarted",
          "Delivering a new login of user %s to the servers (cause: %s)."
              .formatted(next.user(), next.cause()),
          key,
          client);
    }
  }

  private static void create(
      SecureMemcached primary,
      String type,
      String reason,
      String message,
      String key,
      KubernetesClient client) {
    // Equal for the same change: a reconciliation before the watch has the last status records it
    // again, and the API server then rejects the name.
    String change = primary.getMetadata().getResourceVersion() + reason + key;
    write(primary, type, reason, message, name(primary, change), client);
  }

  private static void write(
      SecureMemcached primary,
      String type,
      String reason,
      String message,
      String name,
      KubernetesClient client) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    try {
      client
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .withNamespace(primary.getMetadata().getNamespace())
                  .endMetadata()
                  .withType(type)
                  .withReason(reason)
                  .withMessage(Quoted.printable(message, LONGEST))
                  .withFirstTimestamp(now)
                  .withLastTimestamp(now)
                  .withCount(1)
                  .withReportingComponent(Labels.OPERATOR)
                  .withNewSource()
                  .withComponent(Labels.OPERATOR)
                  .endSource()
                  .withNewInvolvedObject()
                  .withApiVersion(primary.getApiVersion())
                  .withKind(primary.getKind())
                  .withNamespace(primary.getMetadata().getNamespace())
                  .withName(primary.getMetadata().getName())
                  .withUid(primary.getMetadata().getUid())
                  .withResourceVersion(primary.getMetadata().getResourceVersion())
                  .endInvolvedObject()
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      // It was recorded already, or the namespace is terminating; the status has the same
      // information.
      LOG.debug("Could not create an event", e);
    }
  }

  private static String name(SecureMemcached primary, String what) {
    String key = primary.getMetadata().getUid() + what;
    return primary.getMetadata().getName()
        + "."
        + UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8));
  }
}
