package io.securememcached.operator.reconcile;

import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.status.CredentialFacts;
import io.securememcached.operator.status.Failure;
import java.util.List;
import java.util.Optional;

/**
 * What a reconciliation has found.
 *
 * @param logins empty if it ended before these were known
 * @param exposures what others made that opens the servers; empty if nobody could look
 * @param unread kinds of which not all foreign objects could be read, and why
 * @param refusedPods why Kubernetes creates no pods, if so
 * @param failure what ended it early, if anything did
 */
record Written(
    Optional<CredentialFacts> logins,
    Optional<List<Exposure>> exposures,
    List<String> unread,
    Optional<String> refusedPods,
    Optional<Failure> failure) {

  Written {
    unread = List.copyOf(unread);
  }

  /** Of one that ended before all was written. */
  static Written failed(Failure failure, Optional<Audit.Result> audit) {
    return new Written(
        Optional.empty(),
        audit.map(Audit.Result::exposures),
        audit.map(Audit.Result::unread).orElse(List.of()),
        Optional.empty(),
        Optional.of(failure));
  }
}
