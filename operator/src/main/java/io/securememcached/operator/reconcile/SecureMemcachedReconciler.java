package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
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
import io.micrometer.core.instrument.MeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.status.CredentialFacts;
import io.securememcached.operator.status.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cluster what a SecureMemcached says, in this order:
 *
 * <ol>
 *   <li>put the policies right: a zone that was removed closes before another opens;
 *   <li>find the logins, so that nothing that is lost locks a client out, and take them to the next
 *       step of their life;
 *   <li>take away what is no longer wanted;
 *   <li>write the other children in the order of {@link Children}: credentials, servers;
 *   <li>tell running servers' pods of a changed sasldb;
 *   <li>look for what others made that opens the servers;
 *   <li>check servers where that is due, and let those that passed have traffic;
 *   <li>write the status, if it differs.
 * </ol>
 *
 * <p>A pass that changes nothing reads caches only and writes nothing. A pass that fails leaves
 * what was there before: every prefix of the order above is safe. There is no finalizer: children
 * go with their owner, and policies once no server is left ({@link PolicyPruner}). A resource that
 * is being deleted and still there is reconciled like any other, unless its children are being
 * deleted before it or released from it: then its policies are kept and nothing else comes back.
 */
@ControllerConfiguration(
    name = "securememcached",
    fieldManager = ChildWriter.FIELD_MANAGER,
    // Annotations ask for rotations, and they are no change of the generation.
    generationAwareEventProcessing = false,
    // Resources that are being deleted, too: as long as servers run, their policies are kept.
    triggerReconcilerOnAllEvents = true,
    informer = @Informer(onUpdateFilter = AskedChange.class, informerListLimit = Payload.PAGE))
@GradualRetry(maxAttempts = SecureMemcachedReconciler.WITHOUT_END, maxInterval = 60_000)
public final class SecureMemcachedReconciler implements Reconciler<SecureMemcached> {

  private static final Logger LOG = LoggerFactory.getLogger(SecureMemcachedReconciler.class);

  /** The API server comes back without an event. */
  static final int WITHOUT_END = -1;

  /** No event says that a foreign object or a quota has gone, or that a server would answer now. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  /** No event says that a request would succeed now, without which a server gets no traffic. */
  private static final Duration CHECK_AGAIN = Duration.ofSeconds(5);

  private final Settings settings;
  private final OtherOperators others;
  private final InstantSource clock;
  private final WatchFaults faults;
  private final VersionProbe versions;
  private final LoginProof proofs;
  private final ServerVerifier verifier;
  private final Passes passes = new Passes();

  private ChildSources sources;
  private ForeignSources foreign;
  private UserSecrets userSecrets;
  private PolicyPruner pruner;
  private Steps steps;
  private Audit audit;
  private StatusKeeper status;

  /**
   * A reconciler.
   *
   * @param others tells which resources are left alone
   * @param tasks runs what is asked of servers
   * @param metrics gets the results of the checks
   * @param faults told of what can't be read
   */
  public SecureMemcachedReconciler(
      Settings settings,
      OtherOperators others,
      InstantSource clock,
      ServerTasks tasks,
      MeterRegistry metrics,
      WatchFaults faults) {
    this.settings = settings;
    this.others = others;
    this.clock = clock;
    this.faults = faults;
    this.versions = new VersionProbe(tasks, clock, this::isThere);
    this.proofs = new LoginProof(tasks, this::isThere);
    this.verifier = new ServerVerifier(tasks, clock, metrics, this::isThere);
  }

  private boolean isThere(Pod pod) {
    return sources.isThere(pod);
  }

  private void forget(Pod pod) {
    versions.forget(pod);
    proofs.forget(pod);
    verifier.forget(pod);
    childIsGone(pod);
  }

  private void childIsGone(HasMetadata child) {
    ClaimedOwners.byLabel(child).ifPresent(pruner::look);
  }

  @Override
  public List<EventSource<?, SecureMemcached>> prepareEventSources(
      EventSourceContext<SecureMemcached> context) {
    sources = new ChildSources(context, passes::haveBegun, this::childIsGone, this::forget);
    pruner =
        new PolicyPruner(
            sources,
            resource -> context.getPrimaryCache().get(resource).isPresent(),
            context.getClient(),
            passes);
    ForeignBudget budget = ForeignBudget.ofHeap();
    foreign = new ForeignSources(context, passes::haveBegun, clock, budget, faults);
    audit = new Audit(settings, sources, foreign);
    ChildWriter writer = new ChildWriter(sources);
    userSecrets = new UserSecrets(context, budget, faults);
    steps =
        new Steps(
            clock,
            sources,
            new ChildKeeper(sources, writer, settings),
            new CredentialKeeper(new CredentialStore(writer), userSecrets, proofs),
            verifier,
            audit);
    WrittenStatuses statuses = new WrittenStatuses();
    status = new StatusKeeper(settings, clock, sources, versions, verifier, statuses);
    return Stream.concat(
            sources.all(),
            Stream.of(
                foreign,
                userSecrets,
                versions.eventSource(),
                proofs.eventSource(),
                verifier.eventSource(),
                statuses))
        .toList();
  }

  /**
   * Begins to delete the policies of resources that are gone; to be called once all lists are read
   * and this instance leads.
   */
  public void beginPruning() {
    pruner.begin();
  }

  /**
   * Lets no pass begin any more and waits for those that run; to be called before the framework is
   * stopped.
   *
   * @return false when some still run after the timeout
   */
  public boolean end(Duration timeout) {
    pruner.end();
    return passes.end(timeout);
  }

  @Override
  public UpdateControl<SecureMemcached> reconcile(
      SecureMemcached primary, Context<SecureMemcached> context) {
    return passes.run(() -> pass(primary, context), UpdateControl.noUpdate());
  }

  private UpdateControl<SecureMemcached> pass(
      SecureMemcached primary, Context<SecureMemcached> context) {
    if (context.isPrimaryResourceDeleted()) {
      pruner.look(ResourceID.fromResource(primary));
      return UpdateControl.noUpdate();
    }
    if (others.lookAfter(primary, context.getClient())) {
      // No event says that the other one is gone.
      return UpdateControl.<SecureMemcached>noUpdate().rescheduleAfter(LOOK_AGAIN);
    }
    if (Deletion.takesChildren(primary)) {
      return control(primary, steps.ending(primary, context), context);
    }
    Written written;
    try {
      written = steps.all(primary, context);
    } catch (StaleLoginsException e) {
      LOG.debug("Read the logins again, as they were written meanwhile", e);
      return UpdateControl.<SecureMemcached>noUpdate().rescheduleAfter(StaleLoginsException.PAUSE);
    } catch (ChildException e) {
      if (ChildWriter.isNamespaceTerminating(e)) {
        return UpdateControl.noUpdate();
      }
      if (e.isRetried()) {
        throw e;
      }
      written = Written.failed(e.failure(), audit.afterFailure(primary));
    }
    return control(primary, written, context);
  }

  private UpdateControl<SecureMemcached> control(
      SecureMemcached primary, Written written, Context<SecureMemcached> context) {
    Optional<SecureMemcached> next = status.next(primary, written, context.getClient());
    UpdateControl<SecureMemcached> control =
        next.map(UpdateControl::patchStatus).orElseGet(UpdateControl::noUpdate);
    return nextLook(primary, written).map(control::rescheduleAfter).orElse(control);
  }

  /** When to look again without an event. */
  private Optional<Duration> nextLook(SecureMemcached primary, Written written) {
    List<Pod> servers = sources.serversOf(primary);
    boolean stuck = written.failure().isPresent() || versions.hasUnanswered(primary, servers);
    return Stream.of(
            written.failure().filter(found -> found.stage() == Stage.CHECKS).isPresent()
                ? Stream.of(CHECK_AGAIN)
                : stuck ? Stream.of(LOOK_AGAIN) : Stream.<Duration>empty(),
            RefusedPods.nextLook(sources.setOf(primary), written.refusedPods()).stream(),
            // One that failed came to none of these steps; it would come again at once.
            (written.failure().isPresent()
                    ? Stream.<Optional<Instant>>empty()
                    : Stream.of(
                        written.logins().flatMap(CredentialFacts::due),
                        verifier.due(primary, servers)))
                .flatMap(Optional::stream)
                // Not a moment too early: the step would not be due yet.
                .map(due -> Duration.between(clock.instant(), due).plusMillis(1)))
        .flatMap(waits -> waits)
        .map(wait -> wait.isPositive() ? wait : Duration.ofMillis(1))
        .min(Duration::compareTo);
  }

  @Override
  public ErrorStatusUpdateControl<SecureMemcached> updateErrorStatus(
      SecureMemcached primary, Context<SecureMemcached> context, Exception error) {
    return passes.run(
        () ->
            status
                .next(
                    primary,
                    Written.failed(ChildException.failureOf(error), audit.afterFailure(primary)),
                    context.getClient())
                .map(ErrorStatusUpdateControl::patchStatus)
                .orElseGet(ErrorStatusUpdateControl::noStatusUpdate),
        ErrorStatusUpdateControl.noStatusUpdate());
  }
}
