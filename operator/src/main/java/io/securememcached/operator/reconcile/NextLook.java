package io.securememcached.operator.reconcile;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.verification.ServerVerifier;
import io.securememcached.operator.watches.ForgedSlices;
import io.securememcached.operator.watches.ReconcileContext;
import io.securememcached.operator.watches.TemplateRevisions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;

/** When to reconcile again without an event; each of these names the event that is missing. */
record NextLook(
    InstantSource clock,
    ServerVerifier verifier,
    TemplateRevisions revisions,
    ForgedSlices forged) {

  /** No event says that a foreign object or a quota was deleted, or another operator. */
  static final Duration LATER = Duration.ofSeconds(30);

  /**
   * No event says that a request would succeed now, without which a server gets no clients, or that
   * a list is complete, which is asked of a cache.
   */
  private static final Duration SOON = Duration.ofSeconds(5);

  Optional<Duration> after(ReconcileResult result) {
    ReconcileContext context = result.context();
    Stream<Duration> retries =
        Stream.concat(
            result.failure().stream().map(NextLook::retry),
            result.externalFailure().stream().map(failure -> failure.isRetried() ? SOON : LATER));
    // A reconciliation that failed came to none of these steps; it would come again at once.
    Stream<Optional<Instant>> steps =
        result.failure().isPresent()
            ? Stream.empty()
            : Stream.of(
                result.logins().flatMap(CredentialResult::due),
                result.rollout().flatMap(Rollout::next),
                verifier.due(context.primary(), context.servers()),
                // No event says that a revision can be read.
                revisions.due(ResourceID.fromResource(context.primary())),
                // Or that a forged slice is gone.
                forged.due(ResourceID.fromResource(context.primary())));
    return Stream.of(
            retries,
            RejectedPods.nextLook(context.set(), result.refusedPods()).stream(),
            steps
                .flatMap(Optional::stream)
                // Not a moment too early: the step would not be due yet.
                .map(due -> Duration.between(clock.instant(), due).plusMillis(1)))
        .flatMap(waits -> waits)
        .map(wait -> wait.isPositive() ? wait : Duration.ofMillis(1))
        .min(Duration::compareTo);
  }

  static Duration retry(Failure failure) {
    return failure.stage() == Stage.CHECKS || failure.reason() == Reason.NamespaceUnreadable
        ? SOON
        : LATER;
  }
}
