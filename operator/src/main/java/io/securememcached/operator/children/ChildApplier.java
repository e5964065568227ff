package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.ExternalServices;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.ReconcileContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings the children of a resource to the desired state: prunes superfluous ones, then applies the
 * others in the order of {@link Children}.
 */
public final class ChildApplier {

  private final ChildSources sources;
  private final ChildWriter writer;
  private final LoginSecretWriter logins;
  private final ExternalServiceApplier external;
  private final SasldbCache sasldbs = new SasldbCache();
  private final Settings settings;

  public ChildApplier(
      ChildSources sources,
      ChildWriter writer,
      ExternalServiceApplier external,
      Settings settings) {
    this.sources = sources;
    this.writer = writer;
    this.external = external;
    this.logins = new LoginSecretWriter(sources, writer);
    this.settings = settings;
  }

  /**
   * Applies the policies: a removed zone is closed before another is opened. Uses only the cache of
   * policies until the others are complete. One that can't be applied does not block the others.
   *
   * @return all that the resource should have
   * @throws ChildException if the API server rejects one, or its name is taken
   */
  public List<NetworkPolicy> applyPolicies(ReconcileContext context) {
    SecureMemcached primary = context.primary();
    List<NetworkPolicy> desired = Children.policies(primary, settings, sources.portsInUse(context));
    List<ChildException> failures = new ArrayList<>();
    surplus(sources.policiesOf(primary), desired)
        .forEach(
            policy -> attempt(() -> writer.delete(primary, policy, context.framework()), failures));
    desired.forEach(
        policy -> attempt(() -> writer.write(primary, policy, context.framework()), failures));
    // Report first what a user can fix.
    Optional<ChildException> failure =
        failures.stream()
            .filter(found -> !found.isRetried())
            .findFirst()
            .or(() -> failures.stream().findFirst());
    if (failure.isPresent()) {
      throw failure.get();
    }
    return desired;
  }

  private static void attempt(Runnable step, List<ChildException> failures) {
    try {
      step.run();
    } catch (ChildException e) {
      failures.add(e);
    }
  }

  /**
   * Applies all other children but those for clients outside of the cluster, which {@link
   * ExternalServiceApplier#apply} does; without the Secrets if the logins can't be read, and
   * without the servers while the administrator does not allow their image: those are left
   * unchanged.
   *
   * @return all that the resource should have
   * @throws ChildException if the API server rejects one, or its name is taken
   */
  public List<HasMetadata> applyOthers(ReconcileContext context, CredentialResult logins) {
    SecureMemcached primary = context.primary();
    List<HasMetadata> desired = desiredOthers(context, logins);
    boolean isAllowed = settings.allowsImageOf(primary);
    Predicate<HasMetadata> isTouched =
        Pause.of(primary)
            ? ChildApplier::isTouchedWhilePaused
            : child ->
                (logins.unreadable().isEmpty() || !(child instanceof Secret))
                    && (isAllowed || !(child instanceof StatefulSet));
    write(
        primary,
        sources
            .othersOf(primary)
            .filter(isTouched)
            .filter(child -> !ExternalServices.isOne(primary, child)),
        desired.stream().filter(isTouched).toList(),
        logins.read(),
        context.framework());
    return desired;
  }

  /**
   * All other children in the desired state: existing servers keep their flavor, and those of a
   * paused resource what they are.
   */
  public List<HasMetadata> desiredOthers(ReconcileContext context, CredentialResult logins) {
    SecureMemcached primary = context.primary();
    List<HasMetadata> desired =
        Children.protectedByPolicies(
            primary,
            settings.keeping(context.set()),
            logins.logins(),
            sasldbs.get(primary, logins.logins(), logins.exporter().logins(), logins.servers()),
            port(context));
    desired.addAll(external.desired(primary, logins.logins(), port(context)));
    if (Pause.of(primary) && context.set().isPresent()) {
      StatefulSet kept = context.set().get();
      desired.replaceAll(child -> child instanceof StatefulSet ? kept : child);
    }
    return desired;
  }

  /** What exposes servers is closed all the same. */
  private static boolean isTouchedWhilePaused(HasMetadata child) {
    return child instanceof ServiceAccount || child instanceof Service;
  }

  /**
   * The port that clients are told. A changed one may wait for a window: the servers' own is told
   * until the first server has restarted.
   */
  static int port(ReconcileContext context) {
    int wanted = context.primary().getSpec().port();
    NavigableSet<Integer> ports = new TreeSet<>(ServerPods.ports(context.servers()));
    if (ports.isEmpty() && Pause.of(context.primary())) {
      context
          .set()
          .flatMap(set -> ActualServers.port(set.getSpec().getTemplate().getSpec()))
          .ifPresent(ports::add);
    }
    return ports.isEmpty() || ports.contains(wanted) ? wanted : ports.first();
  }

  /** Why {@link #applyOthers} leaves the servers as they are, if it does. */
  public Optional<Failure> refusal(SecureMemcached primary) {
    return settings
        .imageRefusal(primary)
        .map(
            refusal ->
                new Failure(
                    Stage.SERVERS,
                    Reason.ImageNotAllowed,
                    refusal + " Running servers are left unchanged, and no servers are added."));
  }

  /** The StatefulSet, also where somebody took its labels away, or as it was just applied. */
  public Optional<StatefulSet> set(ReconcileContext context) {
    SecureMemcached primary = context.primary();
    return writer.find(
        primary, StatefulSet.class, primary.getMetadata().getName(), context.client());
  }

  private void write(
      SecureMemcached primary,
      Stream<? extends HasMetadata> actual,
      List<? extends HasMetadata> desired,
      Map<String, String> read,
      Context<SecureMemcached> context) {
    surplus(actual, desired).forEach(child -> writer.delete(primary, child, context));
    for (HasMetadata child : desired) {
      if (ExternalServiceApplier.isOne(primary, child)) {
        continue;
      }
      if (child instanceof Secret secret) {
        String version = read.getOrDefault(child.getMetadata().getName(), ChildWriter.ABSENT);
        logins.write(primary, secret, version, context);
      } else {
        writer.write(primary, child, context);
      }
    }
  }

  /** Superfluous children of the resource. */
  private static <T extends HasMetadata> Stream<T> surplus(
      Stream<T> actual, List<? extends HasMetadata> desired) {
    Set<String> wanted = desired.stream().map(ChildApplier::id).collect(Collectors.toSet());
    return actual.filter(child -> !wanted.contains(id(child)));
  }

  private static String id(HasMetadata child) {
    return child.getKind() + "/" + child.getMetadata().getName();
  }
}
