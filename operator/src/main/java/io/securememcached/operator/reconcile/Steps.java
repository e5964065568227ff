package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.CredentialFacts;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Stage;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a reconciliation, in the order that {@link SecureMemcachedReconciler} gives. */
final class Steps {

  private static final Logger LOG = LoggerFactory.getLogger(Steps.class);

  private final InstantSource clock;
  private final ChildSources sources;
  private final ChildKeeper children;
  private final CredentialKeeper credentials;
  private final ServerVerifier verifier;
  private final Audit audit;

  Steps(
      InstantSource clock,
      ChildSources sources,
      ChildKeeper children,
      CredentialKeeper credentials,
      ServerVerifier verifier,
      Audit audit) {
    this.clock = clock;
    this.sources = sources;
    this.children = children;
    this.credentials = credentials;
    this.verifier = verifier;
    this.audit = audit;
  }

  /**
   * The first step.
   *
   * @throws ChildException when one could not be written; all others are then
   */
  List<NetworkPolicy> policies(SecureMemcached primary, Context<SecureMemcached> context) {
    return ChildException.during(
        Stage.NETWORK_POLICIES,
        () -> {
          UnreadableSpec.requirePolicies(primary);
          return children.writePolicies(primary, context);
        });
  }

  /** Keeps the policies of servers that end, or that their resource leaves behind. */
  Written ending(SecureMemcached primary, Context<SecureMemcached> context) {
    Failure failure = Deletion.UNDER_WAY;
    try {
      policies(primary, context);
    } catch (ChildException e) {
      failure = e.failure();
    }
    return Written.failed(failure, audit.afterFailure(primary));
  }

  /**
   * All steps.
   *
   * @throws ChildException where one fails and those after it can't be taken
   */
  Written all(SecureMemcached primary, Context<SecureMemcached> context) {
    List<HasMetadata> desired = new ArrayList<>();
    desired.addAll(policies(primary, context));
    UnreadableSpec.requireAll(primary);
    ChildException.requireRead(sources.unread(primary.getMetadata().getNamespace()));
    // By name where the cache has lost it: without it no pod counts as a server.
    Optional<StatefulSet> owner =
        ChildException.during(Stage.CREDENTIALS, () -> children.set(primary, context.getClient()));
    List<Pod> servers = sources.serversOf(primary, owner);
    CredentialFacts logins =
        ChildException.during(
            Stage.CREDENTIALS,
            () ->
                credentials.advance(
                    primary,
                    servers,
                    sources.endingOf(primary, owner),
                    clock.instant(),
                    context.getClient()));
    Optional<Failure> failure = Optional.empty();
    try {
      desired.addAll(
          ChildException.during(
              Stage.SERVERS, () -> children.writeOthers(primary, logins, context)));
    } catch (ChildException e) {
      if (!e.leavesServersAlone()) {
        throw e;
      }
      // The servers that run are checked as ever.
      failure = Optional.of(e.failure());
      desired.addAll(children.desiredOthers(primary, logins));
    }
    try {
      Audit.Result found = check(primary, servers, desired, logins, context);
      Optional<StatefulSet> set = sources.setOf(primary);
      return new Written(
          Optional.of(logins),
          Optional.of(found.exposures()),
          found.unread(),
          RefusedPods.reason(set, clock.instant(), context.getClient()),
          failure.or(() -> children.refusal(primary)));
    } catch (RuntimeException e) {
      // All is written and stays so; the next reconciliation checks again.
      LOG.atWarn()
          .addKeyValue("namespace", primary.getMetadata().getNamespace())
          .addKeyValue("name", primary.getMetadata().getName())
          .setCause(e)
          .log("Could not finish the checks");
      return new Written(
          Optional.of(logins),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.of(failure.orElseGet(() -> ChildException.failureOf(e))));
    }
  }

  private Audit.Result check(
      SecureMemcached primary,
      List<Pod> servers,
      List<HasMetadata> desired,
      CredentialFacts logins,
      Context<SecureMemcached> context) {
    PodNudge.tell(servers, logins.logins().changedAt(), context.getClient());
    Audit.Result found = audit.of(primary, desired);
    ReadinessGate.set(
        primary,
        servers,
        verifier.verify(primary, servers, logins.logins(), found.exposures()),
        clock.instant(),
        context.getClient());
    return found;
  }
}
