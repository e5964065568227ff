package io.securememcached.operator.verification;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.rotation.Logins;
import java.time.Instant;
import java.util.List;

/**
 * What a check must be later than: a change of it makes one due.
 *
 * @param generation of the resource's spec
 * @param loginsAt when the logins changed
 * @param restarts of the server's containers
 * @param exposures what others opened
 */
record VerificationTrigger(
    long generation, Instant loginsAt, int restarts, List<Exposure> exposures) {

  static VerificationTrigger of(
      SecureMemcached primary, Pod pod, Logins logins, List<Exposure> exposures) {
    int restarts =
        pod.getStatus().getContainerStatuses().stream()
            .mapToInt(container -> container.getRestartCount())
            .sum();
    return new VerificationTrigger(
        primary.getMetadata().getGeneration(),
        logins.changedAt(),
        restarts,
        exposures.stream().filter(exposure -> !exposure.isIntended()).toList());
  }

  /** Policies of others: as long as there is one, a connection may be one that it lets in. */
  List<Exposure> policies() {
    return exposures.stream().filter(exposure -> exposure.kind() == Kind.FOREIGN_POLICY).toList();
  }
}
