package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.AppliedFields;
import io.securememcached.operator.resource.ExternalAddresses;
import io.securememcached.operator.resource.ExternalServices;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.ReconcileContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Services for clients outside of the cluster. They are narrowed before the policies are
 * changed, and widened last: at no time a load balancer admits more than both the old and the new
 * zones, or than the new ones.
 */
public final class ExternalServiceApplier {

  private static final Logger LOG = LoggerFactory.getLogger(ExternalServiceApplier.class);

  private final ChildSources sources;
  private final ChildWriter writer;
  private final LoginSecretWriter secrets;
  private final Settings settings;
  private final Reporter reporter;

  /** Told what others have changed and the operator restores. */
  @FunctionalInterface
  public interface Reporter {

    /**
     * Reports a restored Service.
     *
     * @param change a sentence that names the Service and what was changed
     */
    void restored(SecureMemcached primary, String change, KubernetesClient client);
  }

  public ExternalServiceApplier(
      ChildSources sources, ChildWriter writer, Settings settings, Reporter reporter) {
    this.sources = sources;
    this.writer = writer;
    this.secrets = new LoginSecretWriter(sources, writer);
    this.settings = settings;
    this.reporter = reporter;
  }

  /**
   * Takes away what no zone allows any more, and restores what others have opened. Creates nothing.
   * What fails is done, and reported, with the other children.
   */
  public void narrow(ReconcileContext context) {
    SecureMemcached primary = context.primary();
    List<Service> existing = sources.externalServices(primary);
    List<Service> wanted =
        ExternalServices.desired(primary, settings, existing, ChildApplier.port(context));
    for (Service seen : existing) {
      Optional<Service> desired = wanted.stream().filter(of -> isSame(of, seen)).findFirst();
      desired
          .filter(of -> !isEnding(seen))
          .ifPresent(of -> report(primary, seen, of, context.client()));
      try {
        if (desired.isEmpty() || ExternalServices.isOtherFamily(seen, desired.get())) {
          // Does nothing for one that is being deleted already.
          writer.delete(primary, seen, context.framework());
        } else {
          ExternalServices.narrowed(seen, desired.get())
              .map(narrowed -> isEnding(seen) ? only(narrowed, seen) : narrowed)
              .ifPresent(narrowed -> writer.write(primary, narrowed, context.framework()));
        }
      } catch (ChildException e) {
        LOG.atWarn()
            .addKeyValue("namespace", context.namespace())
            .addKeyValue("name", seen.getMetadata().getName())
            .log("Could not narrow a Service: {}", e.getMessage());
      }
    }
  }

  /** Whether a desired child is for clients outside of the cluster. */
  static boolean isOne(SecureMemcached primary, HasMetadata child) {
    return ExternalServices.isOne(primary, child)
        || (child instanceof Secret && Names.isExternalCredentials(primary, child));
  }

  /**
   * Applies the Services, and the Secrets with their addresses. One that is being deleted is left
   * alone until it is gone, as a finalizer of its load balancer's controller may hold it: the name
   * is free then, and the event of its end brings the next reconciliation.
   *
   * @param children all that the resource should have
   * @param logins without which no Secret is written
   * @return the first failure; nothing else of the resource waits for these
   * @throws StaleLoginsException if a Secret has changed since the logins were read
   */
  public Optional<Failure> apply(
      ReconcileContext context, List<HasMetadata> children, CredentialResult logins) {
    SecureMemcached primary = context.primary();
    List<Failure> failures = new ArrayList<>();
    boolean writesSecrets = writesSecrets(primary, logins);
    List<HasMetadata> wanted =
        children.stream()
            .filter(child -> isOne(primary, child))
            .filter(child -> writesSecrets || !(child instanceof Secret))
            .toList();
    for (Service seen : sources.externalServices(primary)) {
      if (wanted.stream().noneMatch(desired -> isSame(desired, seen))) {
        attempt(() -> writer.delete(primary, seen, context.framework()), failures);
      }
    }
    wanted.forEach(child -> attempt(() -> write(context, child, logins.read()), failures));
    return failures.stream().findFirst();
  }

  private void write(ReconcileContext context, HasMetadata child, Map<String, String> read) {
    SecureMemcached primary = context.primary();
    if (child instanceof Secret secret) {
      String version = read.getOrDefault(secret.getMetadata().getName(), ChildWriter.ABSENT);
      secrets.write(primary, secret, version, context.framework());
      return;
    }
    Optional<Service> seen =
        sources.externalServices(primary).stream().filter(of -> isSame(of, child)).findFirst();
    // The second was deleted by this reconciliation: what is known of it is older.
    if (seen.filter(of -> isEnding(of) || ExternalServices.isOtherFamily(of, (Service) child))
        .isPresent()) {
      return;
    }
    seen.ifPresent(of -> report(primary, of, (Service) child, context.client()));
    writer.write(primary, child, context.framework());
  }

  private static boolean isEnding(Service service) {
    return service.getMetadata().getDeletionTimestamp() != null;
  }

  /** Not creating another, if the existing one is gone by now. */
  private static Service only(Service desired, Service existing) {
    return new ServiceBuilder(desired)
        .editMetadata()
        .withUid(existing.getMetadata().getUid())
        .endMetadata()
        .build();
  }

  private static void attempt(Runnable step, List<Failure> failures) {
    try {
      step.run();
    } catch (ChildException e) {
      failures.add(e.failure());
    }
  }

  private void report(
      SecureMemcached primary, Service seen, Service desired, KubernetesClient client) {
    foreignChanges(seen, desired).ifPresent(change -> reporter.restored(primary, change, client));
  }

  private static boolean isSame(HasMetadata one, HasMetadata other) {
    return one.getKind().equals(other.getKind())
        && one.getMetadata().getName().equals(other.getMetadata().getName());
  }

  /** The Services, and the Secrets with the addresses that they have. */
  List<HasMetadata> desired(SecureMemcached primary, Logins logins, int port) {
    List<Service> existing = sources.externalServices(primary);
    List<Service> services = ExternalServices.desired(primary, settings, existing, port);
    List<HasMetadata> children = new ArrayList<>();
    if (!services.isEmpty()) {
      children.addAll(secrets(primary, logins, existing, port));
    }
    children.addAll(services);
    return children;
  }

  /**
   * Names of the Secrets that lack an address which a Service has: one that it got during this
   * reconciliation is written by the next.
   *
   * @param services as they are now
   */
  public List<String> outdated(
      ReconcileContext context, List<Service> services, CredentialResult logins) {
    SecureMemcached primary = context.primary();
    return writesSecrets(primary, logins)
        ? secrets(primary, logins.logins(), services, ChildApplier.port(context)).stream()
            .filter(secret -> !sources.isStored(secret))
            .map(secret -> secret.getMetadata().getName())
            .toList()
        : List.of();
  }

  private static boolean writesSecrets(SecureMemcached primary, CredentialResult logins) {
    return logins.unreadable().isEmpty() && !Pause.of(primary);
  }

  private List<Secret> secrets(
      SecureMemcached primary, Logins logins, List<Service> services, int port) {
    return ExternalAddresses.secrets(
        primary, logins, services, name -> sources.hasSecret(primary, name), port);
  }

  /** What somebody else has changed; empty where the operator itself wants something else now. */
  private static Optional<String> foreignChanges(Service seen, Service desired) {
    List<String> changes =
        ExternalServices.changes(seen, desired).stream()
            .filter(change -> change.field().isEmpty() || !isApplied(seen, change.field()))
            .map(ExternalServices.Change::text)
            .toList();
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Service %s was changed by somebody else and is restored: %s."
                .formatted(seen.getMetadata().getName(), String.join("; ", changes)));
  }

  /** Whether the value of a field, or of an annotation, is the operator's. */
  private static boolean isApplied(Service seen, String field) {
    return AppliedFields.below(seen, "f:spec").containsKey("f:" + field)
        || AppliedFields.below(seen, "f:metadata", "f:annotations").containsKey("f:" + field);
  }
}
