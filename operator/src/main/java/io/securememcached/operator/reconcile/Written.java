package io.securememcached.operator.reconcile;

import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.status.CredentialFacts;
import java.util.List;
import java.util.Optional;

/**
 * What a pass that came to its end has found.
 *
 * @param exposures what others made that opens the servers
 * @param unread kinds of which not all foreign objects could be read, and why
 * @param refusedPods why Kubernetes creates no pods, if so
 */
record Written(
    CredentialFacts logins,
    List<Exposure> exposures,
    List<String> unread,
    Optional<String> refusedPods) {

  Written {
    exposures = List.copyOf(exposures);
    unread = List.copyOf(unread);
  }
}
