package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.children.ChildApplier;
import io.securememcached.operator.children.ChildException;
import io.securememcached.operator.children.ChildWriter;
import io.securememcached.operator.children.ExternalServiceApplier;
import io.securememcached.operator.children.PolicyPruner;
import io.securememcached.operator.credentials.CopyConsents;
import io.securememcached.operator.credentials.CopyPruner;
import io.securememcached.operator.credentials.CredentialReconciler;
import io.securememcached.operator.credentials.CredentialStore;
import io.securememcached.operator.credentials.ExporterKeySecret;
import io.securememcached.operator.credentials.LoginCopier;
import io.securememcached.operator.credentials.LoginProof;
import io.securememcached.operator.credentials.UserProvidedSecrets;
import io.securememcached.operator.events.EventRecorder;
import io.securememcached.operator.monitoring.ExporterSettings;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rollout.RestartLimit;
import io.securememcached.operator.rollout.ServerRestarts;
import io.securememcached.operator.rollout.UpdateMetrics;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.verification.ServerVerifier;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.CidrLists;
import io.securememcached.operator.watches.ClaimedOwners;
import io.securememcached.operator.watches.ForeignBudget;
import io.securememcached.operator.watches.ForeignSources;
import io.securememcached.operator.watches.ForgedSlices;
import io.securememcached.operator.watches.ReconcileContext;
import io.securememcached.operator.watches.ReconcileGuard;
import io.securememcached.operator.watches.TemplateRevisions;
import io.securememcached.operator.watches.WatchFaults;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the reconciler is made of, put together once the framework hands out its watches. */
final class Components {

  private static final Logger LOG = LoggerFactory.getLogger(Components.class);

  private final InstantSource clock;
  private final ChildSources sources;
  private final CidrLists lists;
  private final LoginProof proofs;
  private final ServerVerifier verifier;
  private final ServerRestarts restarts;
  private final PolicyPruner pruner;
  private final LoginCopier copier;
  private final CopyPruner copyPruner;
  private final ExporterKeySecret exporterKey;
  private final Audit audit;
  private final RestartLimit limit;
  private final UpdateMetrics updates;
  private final Steps steps;
  private final StatusMetrics statuses;
  private final StatusWriter status;
  private final NextLook nextLook;
  private final TemplateRevisions revisions = new TemplateRevisions();
  private final ForgedSlices forged = new ForgedSlices();
  private final List<EventSource<?, SecureMemcached>> eventSources;

  /**
   * All components.
   *
   * @param exporter whether it has logins
   * @param guard of all reconciliations
   * @param tasks run what is asked of servers
   * @param metrics get the results of the checks, what is pending, and the statuses
   * @param limit of all restarts
   * @param faults told of what can't be read
   */
  Components(
      Settings settings,
      ExporterSettings exporter,
      ReconcileGuard guard,
      InstantSource clock,
      ServerTasks tasks,
      PrometheusMeterRegistry metrics,
      RestartLimit limit,
      WatchFaults faults,
      EventSourceContext<SecureMemcached> context) {
    this.clock = clock;
    this.limit = limit;
    restarts = new ServerRestarts(limit);
    updates = new UpdateMetrics(metrics);
    proofs = new LoginProof(tasks, this::exists);
    verifier = new ServerVerifier(tasks, settings.images(), clock, metrics, this::exists);
    sources = new ChildSources(context, guard::haveBegun, this::onDeleted, this::onPodDeleted);
    pruner =
        new PolicyPruner(
            sources,
            resource -> context.getPrimaryCache().get(resource).isPresent(),
            context.getClient(),
            guard);
    ForeignBudget budget = ForeignBudget.ofHeap();
    ForeignSources foreign =
        new ForeignSources(context, guard::haveBegun, clock, budget, faults, forged);
    lists = new CidrLists(context, budget, faults);
    UserProvidedSecrets secrets = new UserProvidedSecrets(context, budget, faults);
    CopyConsents consents = new CopyConsents(context, budget, faults);
    copier = new LoginCopier(consents);
    copyPruner =
        new CopyPruner(
            consents, sources, context.getPrimaryCache(), context.getClient(), guard, clock);
    exporterKey =
        new ExporterKeySecret(context, exporter, settings.operatorNamespace(), clock, faults);
    ChildWriter writer = new ChildWriter(sources);
    ExternalServiceApplier external =
        new ExternalServiceApplier(sources, writer, settings, EventRecorder::externalRestored);
    audit = new Audit(settings, sources, foreign, revisions);
    steps =
        new Steps(
            clock,
            sources,
            external,
            new ChildApplier(sources, writer, external, settings),
            new CredentialReconciler(
                new CredentialStore(writer), secrets, proofs, exporterKey, copier),
            copier,
            verifier,
            restarts,
            audit);
    LastAppliedStatus last = new LastAppliedStatus();
    statuses = new StatusMetrics(metrics.getPrometheusRegistry());
    status = new StatusWriter(settings, sources, external, verifier, last, statuses);
    nextLook = new NextLook(clock, verifier, revisions, forged);
    eventSources =
        Stream.concat(
                sources.all(),
                Stream.of(
                    foreign,
                    lists,
                    secrets,
                    consents,
                    exporterKey,
                    proofs.eventSource(),
                    verifier.eventSource(),
                    last))
            .toList();
  }

  private boolean exists(Pod pod) {
    return sources.exists(pod);
  }

  private void onPodDeleted(Pod pod) {
    proofs.forget(pod);
    verifier.forget(pod);
    restarts.forget(pod);
    onDeleted(pod);
  }

  private void onDeleted(HasMetadata child) {
    ClaimedOwners.byLabel(child).ifPresent(pruner::look);
    copyPruner.look(child.getMetadata().getNamespace());
  }

  /** Measures what is pending; what was pending still is where a reconciliation got not so far. */
  void measure(ReconcileResult result) {
    ResourceID resource = ResourceID.fromResource(result.context().primary());
    result.rollout().ifPresent(rollout -> updates.record(resource, rollout));
  }

  /** Has copies of logins taken away that the resource no longer means to be. */
  void prune(ReconcileResult result) {
    copyPruner.look(result.context().namespace());
  }

  /** Forgets a deleted resource, and has its policies deleted once its servers are gone. */
  void forget(ResourceID resource) {
    limit.forget(resource);
    updates.forget(resource);
    revisions.forget(resource);
    forged.forget(resource);
    statuses.forget(resource);
    pruner.look(resource);
    copier.forget(resource);
    copyPruner.look(resource.getNamespace().orElseThrow());
  }

  /** What a reconciliation that begins now looks at. */
  ReconcileContext context(SecureMemcached primary, Context<SecureMemcached> framework) {
    return sources.context(
        primary,
        framework.isPrimaryResourceDeleted() ? List.of() : lists.load(primary),
        clock.instant(),
        framework);
  }

  /** The status of a resource whose reconciliation ended with an error. */
  Optional<SecureMemcached> errorStatus(
      SecureMemcached primary, Context<SecureMemcached> framework, Exception error) {
    Failure failure = ChildException.failureOf(error);
    try {
      ReconcileContext context = context(primary, framework);
      return status.next(ReconcileResult.failed(context, failure, audit.afterFailure(context)));
    } catch (KubernetesClientException e) {
      LOG.debug("Could not read what the status is about", e);
      return status.unknown(
          new ReconcileContext(
              primary, Optional.empty(), List.of(), List.of(), clock.instant(), framework),
          failure);
    }
  }

  PolicyPruner pruner() {
    return pruner;
  }

  CopyPruner copyPruner() {
    return copyPruner;
  }

  ExporterKeySecret exporterKey() {
    return exporterKey;
  }

  Audit audit() {
    return audit;
  }

  Steps steps() {
    return steps;
  }

  StatusWriter status() {
    return status;
  }

  /** When to look again without an event. */
  NextLook nextLook() {
    return nextLook;
  }

  List<EventSource<?, SecureMemcached>> eventSources() {
    return eventSources;
  }
}
