package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.rotation.UserLogins.Previous;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.LoginCopies;
import io.securememcached.operator.watches.ReconcileContext;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Copies logins to the namespaces that the resource names, where a Secret consents to it. Both
 * sides have to agree, and each can end it (docs/adr/0034-logins-in-other-namespaces.md).
 */
public final class LoginCopier {

  /**
   * How long copies hold up the end of a previous login, at least: longer than an outage of the API
   * server lasts, but not for ever, as the owner of a copy could keep it from being written.
   */
  private static final Duration PATIENCE = Duration.ofHours(1);

  private final CopyConsents consents;

  /** What was last written, by resource and by the id of a copy. */
  private final Map<ResourceID, Map<String, CopyRecord>> written = new ConcurrentHashMap<>();

  public LoginCopier(CopyConsents consents) {
    this.consents = consents;
  }

  /** Forgets a deleted resource. */
  public void forget(ResourceID resource) {
    written.remove(resource);
  }

  /**
   * Users with a copy that still has the login before the current one, which therefore may not end
   * yet. A rejected copy is reported instead, or its owner could keep a login valid for ever; for
   * the same reason a copy that had the current login once counts as delivered, and none is waited
   * for longer than twice the overlap, or an hour.
   */
  Set<String> undelivered(
      SecureMemcached primary, Logins logins, Instant now, KubernetesClient client) {
    Set<String> users = new HashSet<>();
    Duration overlaps = primary.getSpec().rotation().overlapDuration().multipliedBy(2);
    Duration patience = overlaps.compareTo(PATIENCE) > 0 ? overlaps : PATIENCE;
    for (User user : primary.getSpec().users()) {
      UserLogins of = logins.of(user.name());
      if (of.current().isPresent()
          && of.previous().isPresent()
          && now.isBefore(of.rotatedAt().plus(patience))) {
        Login current = of.current().get();
        Login previous = of.previous().map(Previous::login).get();
        if (user.secretNamespaces().stream()
            .flatMap(namespace -> consents.of(primary, user, namespace).stream())
            .anyMatch(copy -> has(primary, copy, previous, current, client))) {
          users.add(user.name());
        }
      }
    }
    return users;
  }

  private boolean has(
      SecureMemcached primary,
      CopyConsent copy,
      Login previous,
      Login current,
      KubernetesClient client) {
    CopyRecord last = writtenBy(primary).get(copy.id());
    if (last != null && isOf(last.data(), current)) {
      return false;
    }
    try {
      return copy.isFilled()
          && new CopyWriter(client)
              .read(copy.namespace(), copy.name())
              .filter(secret -> isOf(CopyWriter.data(secret), previous))
              .isPresent();
    } catch (KubernetesClientException e) {
      // Of somebody else's namespace, so it holds nothing up.
      return !CopyWriter.isRejected(e);
    }
  }

  private static boolean isOf(Map<String, String> data, Login login) {
    return Secrets.base64(login.name()).equals(data.get(Secrets.USERNAME))
        && Secrets.base64(login.password()).equals(data.get(Secrets.PASSWORD));
  }

  /**
   * Writes the copies that differ, after the resource's own Secrets.
   *
   * @param stored the resource's own Secrets as the API server has them: no server may know another
   *     login
   */
  public CredentialResult apply(
      ReconcileContext context, List<Secret> stored, CredentialResult logins) {
    SecureMemcached primary = context.primary();
    if (Pause.of(primary) || logins.unreadable().isPresent()) {
      return logins.with(LoginCopies.asBefore(primary), Optional.empty());
    }
    Map<String, Map<String, String>> data =
        stored.stream()
            .collect(Collectors.toMap(own -> own.getMetadata().getName(), Secret::getData));
    CopyReconciliation copies =
        new CopyReconciliation(
            primary,
            consents,
            new CopyWriter(context.client()),
            data,
            writtenBy(primary),
            context.now());
    primary.getSpec().users().forEach(copies::copy);
    copies.withdraw();
    if (copies.written().isEmpty()) {
      written.remove(ResourceID.fromResource(primary));
    } else {
      written.put(ResourceID.fromResource(primary), copies.written());
    }
    return logins.with(copies.result(), copies.retry());
  }

  private Map<String, CopyRecord> writtenBy(SecureMemcached primary) {
    return written.getOrDefault(ResourceID.fromResource(primary), Map.of());
  }
}
