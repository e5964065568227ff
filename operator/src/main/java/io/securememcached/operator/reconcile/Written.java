package io.securememcached.operator.reconcile;

import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.status.CredentialFacts;
import java.util.List;
import java.util.Optional;

/**
 * What a pass that came to its end has found.
 *
 * @param exposures what others made that opens the servers
 * @param refusedPods why Kubernetes creates no pods, if so
 */
record Written(CredentialFacts logins, List<Exposure> exposures, Optional<String> refusedPods) {

  Written {
    exposures = List.copyOf(exposures);
  }
}
