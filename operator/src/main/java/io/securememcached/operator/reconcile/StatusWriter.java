package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.children.ExternalServiceApplier;
import io.securememcached.operator.events.EventRecorder;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Stage;
import io.securememcached.operator.status.StatusBuilder;
import io.securememcached.operator.status.StatusInput;
import io.securememcached.operator.verification.ServerVerifier;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.ReconcileContext;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The status that a resource should have by what is known of it. */
final class StatusWriter {

  private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);

  private final Settings settings;
  private final ChildSources sources;
  private final ExternalServiceApplier external;
  private final ServerVerifier verifier;
  private final LastAppliedStatus last;
  private final StatusMetrics metrics;

  StatusWriter(
      Settings settings,
      ChildSources sources,
      ExternalServiceApplier external,
      ServerVerifier verifier,
      LastAppliedStatus last,
      StatusMetrics metrics) {
    this.settings = settings;
    this.sources = sources;
    this.external = external;
    this.verifier = verifier;
    this.last = last;
    this.metrics = metrics;
  }

  /**
   * The resource with its new status, if that differs from the one it has, for the caller to write;
   * events report the change.
   */
  Optional<SecureMemcached> next(ReconcileResult result) {
    return next(result.context(), build(result));
  }

  /** The same where nothing is known but why. */
  Optional<SecureMemcached> unknown(ReconcileContext context, Failure failure) {
    return next(context, StatusBuilder.failed(unknown(context), failure));
  }

  private Optional<SecureMemcached> next(ReconcileContext context, SecureMemcachedStatus next) {
    SecureMemcached primary = context.primary();
    if (last.isApplied(primary, next)) {
      // The equal one in the cache, so that no other is kept.
      metrics.record(ResourceID.fromResource(primary), primary.getStatus());
      return Optional.empty();
    }
    last.applying(primary, next);
    metrics.record(ResourceID.fromResource(primary), next);
    EventRecorder.record(primary, next, context.client());
    SecureMemcached patch = new SecureMemcached();
    patch.getMetadata().setName(primary.getMetadata().getName());
    patch.getMetadata().setNamespace(primary.getMetadata().getNamespace());
    patch.setSpec(null);
    patch.setStatus(next);
    return Optional.of(patch);
  }

  /** Whatever goes wrong ends in a status: the last one would be believed. */
  private SecureMemcachedStatus build(ReconcileResult result) {
    ReconcileContext context = result.context();
    try {
      List<Pod> pods = context.pods();
      // As they are after this reconciliation.
      List<Service> outside = sources.externalServices(context.primary());
      return StatusBuilder.build(
          new StatusInput(
              context.primary(),
              settings,
              context.set(),
              pods,
              verifier.known(pods),
              result.logins(),
              result.exposures(),
              result.unread(),
              result.refusedPods(),
              result.rollout(),
              outside,
              result
                  .logins()
                  .map(logins -> external.outdated(context, outside, logins))
                  .orElse(List.of()),
              result.failure(),
              result.externalFailure(),
              context.lists(),
              context.now()));
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("namespace", context.namespace())
          .addKeyValue("name", context.primary().getMetadata().getName())
          .setCause(e)
          .log("Could not build a status");
      return StatusBuilder.failed(unknown(context), Failure.internal(Stage.CHECKS, e));
    }
  }

  private StatusInput unknown(ReconcileContext context) {
    return StatusInput.unknown(context.primary(), settings, context.now());
  }
}
