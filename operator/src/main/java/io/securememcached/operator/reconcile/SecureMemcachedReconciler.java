package io.securememcached.operator.reconcile;

import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.children.ChildException;
import io.securememcached.operator.children.StaleLoginsException;
import io.securememcached.operator.events.EventRecorder;
import io.securememcached.operator.leader.OtherOperators;
import io.securememcached.operator.memory.Payload;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.watches.ReconcileContext;
import io.securememcached.operator.watches.ReconcileGuard;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles a SecureMemcached, in the order of {@link Steps}: policies first, so that a removed
 * zone closes before another opens; then credentials, the other children, and the checks of running
 * servers; the status last, if it differs.
 *
 * <p>A reconciliation that changes nothing writes nothing, and reads caches. It sends a request
 * only for what is not watched, where a resource or its namespace needs that, such as the slices of
 * Services without a selector. One that fails leaves what was there before: every prefix of the
 * order is safe. There is no finalizer: children are deleted with their owner, and policies once no
 * server is left. A resource that is being deleted and still exists is reconciled like any other,
 * unless its children are being deleted before it or released from it: then its policies are
 * enforced and nothing else is applied.
 */
@ControllerConfiguration(
    name = "securememcached",
    fieldManager = Labels.OPERATOR,
    // Annotations request rotations, and they don't change the generation.
    generationAwareEventProcessing = false,
    // Resources that are being deleted, too: as long as servers run, their policies are enforced.
    triggerReconcilerOnAllEvents = true,
    informer = @Informer(onUpdateFilter = UserChangeFilter.class, informerListLimit = Payload.PAGE))
@GradualRetry(maxAttempts = SecureMemcachedReconciler.WITHOUT_END, maxInterval = 60_000)
public final class SecureMemcachedReconciler implements Reconciler<SecureMemcached> {

  private static final Logger LOG = LoggerFactory.getLogger(SecureMemcachedReconciler.class);

  /** The API server comes back without an event. */
  static final int WITHOUT_END = -1;

  private final OtherOperators others;
  private final ReconcileGuard guard;
  private final Function<EventSourceContext<SecureMemcached>, Components> assembly;
  private Components components;

  SecureMemcachedReconciler(
      OtherOperators others,
      ReconcileGuard guard,
      Function<EventSourceContext<SecureMemcached>, Components> assembly) {
    this.others = others;
    this.guard = guard;
    this.assembly = assembly;
  }

  @Override
  public List<EventSource<?, SecureMemcached>> prepareEventSources(
      EventSourceContext<SecureMemcached> context) {
    components = assembly.apply(context);
    return components.eventSources();
  }

  Components components() {
    return components;
  }

  @Override
  public UpdateControl<SecureMemcached> reconcile(
      SecureMemcached primary, Context<SecureMemcached> framework) {
    return guard.run(
        () -> reconcile(components.context(primary, framework)), UpdateControl.noUpdate());
  }

  private UpdateControl<SecureMemcached> reconcile(ReconcileContext context) {
    SecureMemcached primary = context.primary();
    if (context.framework().isPrimaryResourceDeleted()) {
      components.forget(ResourceID.fromResource(primary));
      return UpdateControl.noUpdate();
    }
    OtherOperators.Claim other = others.ask(primary, context.client());
    if (other.leftAlone()) {
      other
          .warning()
          .ifPresent(message -> EventRecorder.otherOperator(primary, message, context.client()));
      return UpdateControl.<SecureMemcached>noUpdate().rescheduleAfter(NextLook.LATER);
    }
    try {
      ReconcileResult result =
          Deletion.takesChildren(primary)
              ? components.steps().whileDeleting(context)
              : components.steps().all(context);
      return writeStatus(result);
    } catch (StaleLoginsException e) {
      LOG.debug("Read the logins again, as they were written meanwhile", e);
      return UpdateControl.<SecureMemcached>noUpdate().rescheduleAfter(StaleLoginsException.PAUSE);
    } catch (ChildException e) {
      if (e.isNamespaceTerminating()) {
        return UpdateControl.noUpdate();
      }
      if (e.isRetried()) {
        throw e;
      }
      return writeStatus(
          ReconcileResult.failed(context, e.failure(), components.audit().afterFailure(context)));
    }
  }

  private UpdateControl<SecureMemcached> writeStatus(ReconcileResult result) {
    components.measure(result);
    components.prune(result);
    UpdateControl<SecureMemcached> control =
        components
            .status()
            .next(result)
            .map(UpdateControl::patchStatus)
            .orElseGet(UpdateControl::noUpdate);
    return components.nextLook().after(result).map(control::rescheduleAfter).orElse(control);
  }

  @Override
  public ErrorStatusUpdateControl<SecureMemcached> updateErrorStatus(
      SecureMemcached primary, Context<SecureMemcached> framework, Exception error) {
    return guard.run(
        () ->
            components
                .errorStatus(primary, framework, error)
                .map(ErrorStatusUpdateControl::patchStatus)
                .orElseGet(ErrorStatusUpdateControl::noStatusUpdate),
        ErrorStatusUpdateControl.noStatusUpdate());
  }
}
