package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.children.ChildApplier;
import io.securememcached.operator.children.ChildException;
import io.securememcached.operator.children.ExternalServiceApplier;
import io.securememcached.operator.credentials.CredentialReconciler;
import io.securememcached.operator.credentials.LoginCopier;
import io.securememcached.operator.credentials.SecretVolumeRefresh;
import io.securememcached.operator.events.EventRecorder;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.rollout.ServerRestarts;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Stage;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.verification.ReadinessGate;
import io.securememcached.operator.verification.ServerVerifier;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.ReconcileContext;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a reconciliation:
 *
 * <ol>
 *   <li>narrow the Services for clients outside of the cluster to what the zones still allow;
 *   <li>apply the policies: a zone that was removed closes before another opens;
 *   <li>load the logins, so that nothing that is lost locks a client out, and take them to the next
 *       step of their life;
 *   <li>prune the children that should no longer exist, and apply the others in the order of {@link
 *       Children}: credentials, servers; then what nothing else waits for: the Services for clients
 *       outside, and the copies of logins in other namespaces;
 *   <li>trigger a volume refresh in the pods of running servers whose sasldb has changed;
 *   <li>audit foreign objects that expose the servers;
 *   <li>check the servers where that is due, and let those that passed have traffic;
 *   <li>restart the servers that need it, one at a time and when it is allowed.
 * </ol>
 *
 * <p>A paused resource keeps its logins, Secrets and servers as they are; all else goes on.
 */
final class Steps {

  private static final Logger LOG = LoggerFactory.getLogger(Steps.class);

  private final InstantSource clock;
  private final ChildSources sources;
  private final ExternalServiceApplier external;
  private final ChildApplier children;
  private final CredentialReconciler credentials;
  private final LoginCopier copies;
  private final ServerVerifier verifier;
  private final ServerRestarts restarts;
  private final Audit audit;

  Steps(
      InstantSource clock,
      ChildSources sources,
      ExternalServiceApplier external,
      ChildApplier children,
      CredentialReconciler credentials,
      LoginCopier copies,
      ServerVerifier verifier,
      ServerRestarts restarts,
      Audit audit) {
    this.clock = clock;
    this.sources = sources;
    this.external = external;
    this.children = children;
    this.credentials = credentials;
    this.copies = copies;
    this.verifier = verifier;
    this.restarts = restarts;
    this.audit = audit;
  }

  /**
   * All steps.
   *
   * @throws ChildException where one fails and those after it can't be taken
   */
  ReconcileResult all(ReconcileContext before) {
    List<HasMetadata> desired = new ArrayList<>(applyPolicies(before));
    UnreadableSpec.requireAll(before.primary());
    ChildException.requireRead(sources.unread(before.namespace()));
    ReconcileContext context = findServers(before);
    CredentialResult logins = advanceCredentials(context);
    Optional<Failure> failure = applyOthers(context, logins, desired);
    Optional<Failure> outside = external.apply(context, desired, logins);
    return check(
        context, copies.apply(context, stored(desired), logins), desired, failure, outside);
  }

  /** The Secrets among the children that were written: a step before may have failed. */
  private List<Secret> stored(List<HasMetadata> desired) {
    return desired.stream()
        .filter(Secret.class::isInstance)
        .map(Secret.class::cast)
        .filter(sources::isStored)
        .toList();
  }

  /** While children are deleted before their owner, or released: policies alone are enforced. */
  ReconcileResult whileDeleting(ReconcileContext context) {
    Failure failure = Deletion.UNDER_WAY;
    try {
      applyPolicies(context);
    } catch (ChildException e) {
      failure = e.failure();
    }
    return ReconcileResult.failed(context, failure, audit.afterFailure(context));
  }

  private List<NetworkPolicy> applyPolicies(ReconcileContext context) {
    return ChildException.during(
        Stage.NETWORK_POLICIES,
        () -> {
          UnreadableSpec.requirePolicies(context.primary());
          narrowExternal(context);
          return children.applyPolicies(context);
        });
  }

  /** What can't be read may be about them: then they are left unchanged. */
  private void narrowExternal(ReconcileContext context) {
    if (context.primary().getUnreadable().isEmpty()) {
      external.narrow(context);
    }
  }

  /** By name where the cache has lost the StatefulSet: without it no pod counts as a server. */
  private ReconcileContext findServers(ReconcileContext context) {
    return ChildException.during(
        Stage.CREDENTIALS, () -> context.with(children.set(context)).at(clock.instant()));
  }

  private CredentialResult advanceCredentials(ReconcileContext context) {
    CredentialResult logins =
        ChildException.during(
            Stage.CREDENTIALS,
            () ->
                Pause.of(context.primary())
                    ? credentials.load(context)
                    : credentials.advance(context));
    EventRecorder.unknownUsers(context.primary(), logins.unknownUserRequests(), context.client());
    return logins;
  }

  /**
   * Applies all children but the policies.
   *
   * @param desired gets what the resource should have
   * @return why the API server rejected one, if it did: running servers are checked all the same
   */
  private Optional<Failure> applyOthers(
      ReconcileContext context, CredentialResult logins, List<HasMetadata> desired) {
    try {
      desired.addAll(
          ChildException.during(Stage.SERVERS, () -> children.applyOthers(context, logins)));
      return Optional.empty();
    } catch (ChildException e) {
      if (!e.leavesServersAlone()) {
        throw e;
      }
      desired.addAll(children.desiredOthers(context, logins));
      return Optional.of(e.failure());
    }
  }

  private ReconcileResult check(
      ReconcileContext before,
      CredentialResult logins,
      List<HasMetadata> desired,
      Optional<Failure> rejected,
      Optional<Failure> outside) {
    ReconcileContext context = before;
    try {
      // As it was applied; as it was found by name where nothing was applied.
      context = before.with(sources.setOf(before.primary()).or(before::set));
      SecretVolumeRefresh.trigger(context.servers(), logins.logins().changedAt(), context.client());
      Audit.Result found = audit.of(context, desired);
      Map<String, Verification> verifications =
          verifier.verify(context.primary(), context.servers(), logins.logins(), found.exposures());
      ReadinessGate.set(context, verifications);
      Optional<Rollout> rollout =
          rejected.isPresent()
              ? Optional.empty()
              : Optional.of(restarts.advance(context, verifications));
      return new ReconcileResult(
          context,
          Optional.of(logins),
          Optional.of(found.exposures()),
          found.unread(),
          RejectedPods.reason(context.set(), context.now(), context.client()),
          rollout,
          rejected.or(() -> children.refusal(before.primary())),
          outside);
    } catch (RuntimeException e) {
      // Everything is applied and stays so; the next reconciliation checks again.
      LOG.atWarn()
          .addKeyValue("namespace", context.namespace())
          .addKeyValue("name", context.primary().getMetadata().getName())
          .setCause(e)
          .log("Could not finish the checks");
      return new ReconcileResult(
          context,
          Optional.of(logins),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.of(rejected.orElseGet(() -> ChildException.failureOf(e))),
          outside);
    }
  }
}
