package io.securememcached.operator.reconcile;

import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.status.CredentialFacts;
import java.util.List;

/**
 * What a pass that came to its end has found.
 *
 * @param exposures what others made that opens the servers
 */
record Written(CredentialFacts logins, List<Exposure> exposures) {

  Written {
    exposures = List.copyOf(exposures);
  }
}
