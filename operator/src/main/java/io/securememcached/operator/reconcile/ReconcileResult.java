package io.securememcached.operator.reconcile;

import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.watches.ReconcileContext;
import java.util.List;
import java.util.Optional;

/**
 * What a reconciliation has found.
 *
 * @param context what it looked at, with the StatefulSet as it was applied
 * @param logins empty if it ended before these were known
 * @param exposures by foreign objects; empty if the audit could not run
 * @param unread what could not be audited, and why: foreign objects, waiting pods
 * @param refusedPods why Kubernetes creates no pods, if so
 * @param rollout where the servers are on their way; empty if it ended before that was known
 * @param failure what ended it early, if anything did
 * @param externalFailure why something for clients outside of the cluster could not be applied;
 *     nothing waits for it
 */
record ReconcileResult(
    ReconcileContext context,
    Optional<CredentialResult> logins,
    Optional<List<Exposure>> exposures,
    List<String> unread,
    Optional<String> refusedPods,
    Optional<Rollout> rollout,
    Optional<Failure> failure,
    Optional<Failure> externalFailure) {

  /** Keeps copies of the lists. */
  ReconcileResult {
    exposures = exposures.map(List::copyOf);
    unread = List.copyOf(unread);
  }

  /** Of one that ended before all was applied. */
  static ReconcileResult failed(
      ReconcileContext context, Failure failure, Optional<Audit.Result> audit) {
    return new ReconcileResult(
        context,
        Optional.empty(),
        audit.map(Audit.Result::exposures),
        audit.map(Audit.Result::unread).orElse(List.of()),
        Optional.empty(),
        Optional.empty(),
        Optional.of(failure),
        Optional.empty());
  }
}
