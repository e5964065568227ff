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
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.ExposureAudit;
import io.securememcached.operator.exposure.ForeignObjects;
import io.securememcached.operator.exposure.Observed;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.status.CredentialFacts;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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
 * <p>After a start, the first step is taken for all resources before anything is read that only the
 * others need (docs/adr/0014-policies-first.md).
 *
 * <p>A pass that changes nothing reads caches only and writes nothing. A pass that fails leaves
 * what was there before: every prefix of the order above is safe. There is no finalizer: children
 * go with their owner.
 */
@ControllerConfiguration(
    name = "securememcached",
    fieldManager = ChildWriter.FIELD_MANAGER,
    // Annotations ask for rotations, and they are no change of the generation.
    generationAwareEventProcessing = false,
    informer = @Informer(onUpdateFilter = AskedChange.class, informerListLimit = Payload.PAGE))
@GradualRetry(maxAttempts = SecureMemcachedReconciler.WITHOUT_END, maxInterval = 60_000)
public final class SecureMemcachedReconciler implements Reconciler<SecureMemcached> {

  private static final Logger LOG = LoggerFactory.getLogger(SecureMemcachedReconciler.class);

  /** The API server comes back without an event. */
  static final int WITHOUT_END = -1;

  /**
   * No event says that a foreign object, a quota or a policy no longer stands in the way, or that a
   * server that is ready and did not answer now would.
   */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private final Settings settings;
  private final OtherOperators others;
  private final InstantSource clock;
  private final WatchFaults faults;
  private final VersionProbe versions;
  private final LoginProof proofs;
  private final ServerVerifier verifier;
  private final Passes passes = new Passes();
  private final PostponedPasses postponed = new PostponedPasses();

  private ChildSources sources;
  private ForeignSources foreign;
  private UserSecrets userSecrets;
  private ChildKeeper children;
  private CredentialKeeper credentials;
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
  }

  @Override
  public List<EventSource<?, SecureMemcached>> prepareEventSources(
      EventSourceContext<SecureMemcached> context) {
    sources = new ChildSources(context, passes::haveBegun, postponed::areOver, this::forget);
    ForeignBudget budget = ForeignBudget.ofHeap();
    foreign = new ForeignSources(context, postponed::areOver, clock, budget, faults);
    ChildWriter writer = new ChildWriter(sources);
    children = new ChildKeeper(sources, writer, settings);
    userSecrets = new UserSecrets(context, budget, faults);
    credentials = new CredentialKeeper(new CredentialStore(writer), userSecrets, proofs);
    WrittenStatuses statuses = new WrittenStatuses();
    status = new StatusKeeper(settings, clock, sources, versions, verifier, statuses);
    return List.of(
        sources.policies(),
        versions.eventSource(),
        proofs.eventSource(),
        verifier.eventSource(),
        statuses,
        postponed);
  }

  /**
   * What a whole pass needs beside the resources and their policies. Until all of these have
   * started and {@link #beginWholePasses} is called, a pass puts the policies right and no more.
   */
  public Stream<EventSource<?, SecureMemcached>> laterEventSources() {
    return Stream.concat(sources.afterPolicies(), Stream.of(foreign, userSecrets));
  }

  /** Lets the passes begin that had to wait for {@link #laterEventSources}. */
  public void beginWholePasses() {
    postponed.begin();
  }

  /**
   * Lets no pass begin any more and waits for those that run; to be called before the framework is
   * stopped.
   *
   * @return false when some still run after the timeout
   */
  public boolean end(Duration timeout) {
    return passes.end(timeout);
  }

  @Override
  public UpdateControl<SecureMemcached> reconcile(
      SecureMemcached primary, Context<SecureMemcached> context) {
    return passes.run(() -> pass(primary, context), UpdateControl.noUpdate());
  }

  private UpdateControl<SecureMemcached> pass(
      SecureMemcached primary, Context<SecureMemcached> context) {
    if (others.lookAfter(primary, context.getClient())) {
      // No event says that the other one is gone.
      return UpdateControl.<SecureMemcached>noUpdate().rescheduleAfter(LOOK_AGAIN);
    }
    if (primary.getMetadata().getDeletionTimestamp() != null) {
      // In foreground deletion children go first; they must not come back.
      return UpdateControl.noUpdate();
    }
    if (postponed.take(primary)) {
      return policiesAlone(primary, context);
    }
    Optional<Failure> failure = Optional.empty();
    Optional<Written> written = Optional.empty();
    try {
      written = Optional.of(write(primary, context));
      failure = children.refusal(primary);
    } catch (ChildException e) {
      if (ChildWriter.isNamespaceTerminating(e)) {
        return UpdateControl.noUpdate();
      }
      if (e.failure().reason() == Reason.Failed) {
        throw e;
      }
      failure = Optional.of(e.failure());
    }
    UpdateControl<SecureMemcached> control =
        status
            .next(primary, failure, written, context.getClient())
            .map(UpdateControl::patchStatus)
            .orElseGet(UpdateControl::noUpdate);
    return nextLook(primary, failure, written).map(control::rescheduleAfter).orElse(control);
  }

  private UpdateControl<SecureMemcached> policiesAlone(
      SecureMemcached primary, Context<SecureMemcached> context) {
    try {
      UnreadableSpec.requirePolicies(primary);
      children.writePolicies(primary, context);
    } catch (ChildException e) {
      LOG.debug("A policy could not be written; the whole pass tries again and reports it", e);
    }
    return UpdateControl.noUpdate();
  }

  /** When to look again without an event. */
  private Optional<Duration> nextLook(
      SecureMemcached primary, Optional<Failure> failure, Optional<Written> written) {
    boolean stuck = failure.isPresent() || versions.hasUnanswered(primary, sources.podsOf(primary));
    return Stream.of(
            stuck ? Stream.of(LOOK_AGAIN) : Stream.<Duration>empty(),
            written.stream()
                .flatMap(
                    pass ->
                        RefusedPods.nextLook(sources.serversOf(primary), pass.refusedPods())
                            .stream()),
            // A pass that failed came to none of these steps; it would come again at once.
            written.stream()
                .flatMap(
                    pass ->
                        Stream.of(
                            pass.logins().due(), verifier.due(primary, sources.podsOf(primary))))
                .flatMap(Optional::stream)
                // Not a moment too early: the step would not be due yet.
                .map(due -> Duration.between(clock.instant(), due).plusMillis(1)))
        .flatMap(waits -> waits)
        .map(wait -> wait.isPositive() ? wait : Duration.ofMillis(1))
        .min(Duration::compareTo);
  }

  private Written write(SecureMemcached primary, Context<SecureMemcached> context) {
    UnreadableSpec.requirePolicies(primary);
    List<HasMetadata> desired = new ArrayList<>(children.writePolicies(primary, context));
    UnreadableSpec.requireAll(primary);
    ChildException.requireRead(sources.unread(primary.getMetadata().getNamespace()));
    List<Pod> pods = sources.podsOf(primary);
    CredentialFacts logins =
        credentials.advance(primary, pods, clock.instant(), context.getClient());
    desired.addAll(children.writeOthers(primary, logins, context));
    PodNudge.tell(pods, logins.logins().changedAt(), context.getClient());
    ForeignObjects others = foreign.of(primary, sources);
    List<Exposure> exposures = audit(primary, desired, others);
    ReadinessGate.set(
        primary,
        pods,
        verifier.verify(primary, pods, logins.logins(), exposures),
        clock.instant(),
        context.getClient());
    return new Written(
        logins,
        exposures,
        others.unread(),
        RefusedPods.reason(sources.serversOf(primary), clock.instant(), context.getClient()));
  }

  private List<Exposure> audit(
      SecureMemcached primary, List<HasMetadata> desired, ForeignObjects others) {
    return ExposureAudit.of(
        new Observed(
            primary,
            desired,
            sources.serversOf(primary),
            sources.labelledPodsOf(primary),
            others,
            settings.intended()));
  }

  @Override
  public ErrorStatusUpdateControl<SecureMemcached> updateErrorStatus(
      SecureMemcached primary, Context<SecureMemcached> context, Exception error) {
    if (!postponed.areOver()) {
      // Nothing is known yet of which a status would tell; the whole pass meets the error again.
      return ErrorStatusUpdateControl.noStatusUpdate();
    }
    return passes.run(
        () ->
            status
                .next(
                    primary,
                    Optional.of(ChildException.failureOf(error)),
                    Optional.empty(),
                    context.getClient())
                .map(ErrorStatusUpdateControl::patchStatus)
                .orElseGet(ErrorStatusUpdateControl::noStatusUpdate),
        ErrorStatusUpdateControl.noStatusUpdate());
  }
}
