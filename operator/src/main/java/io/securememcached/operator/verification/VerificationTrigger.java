package io.securememcached.operator.verification;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.rotation.Logins;
import java.time.Instant;
import java.util.List;

/**
 * State that a check must be newer than: a change of it makes a check due.
 *
 * @param generation of the resource's spec
 * @param zones hash of the source zones, which also change with lists outside of the spec
 * @param loginsAt when the logins changed
 * @param restarts of the server's containers
 * @param exposures exposures by foreign objects
 */
record VerificationTrigger(
    long generation, int zones, Instant loginsAt, int restarts, List<Exposure> exposures) {

  static VerificationTrigger of(
      SecureMemcached primary, Pod pod, Logins logins, List<Exposure> exposures) {
    int restarts =
        pod.getStatus().getContainerStatuses().stream()
            .mapToInt(container -> container.getRestartCount())
            .sum();
    return new VerificationTrigger(
        primary.getMetadata().getGeneration(),
        primary.getSpec().sourceZones().hashCode(),
        logins.changedAt(),
        restarts,
        exposures.stream().filter(exposure -> !exposure.isIntended()).toList());
  }

  /** What a check was made for that ended before the containers were started again. */
  VerificationTrigger beforeRestart() {
    return new VerificationTrigger(generation, zones, loginsAt, restarts - 1, exposures);
  }

  /** Foreign policies: while there is one, it may allow the connection of a check. */
  List<Exposure> policies() {
    return exposures.stream().filter(exposure -> exposure.kind() == Kind.FOREIGN_POLICY).toList();
  }
}
