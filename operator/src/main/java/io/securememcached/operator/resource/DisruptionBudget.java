package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Optional;

/** Allows a drain to evict one server at a time; useless and obstructive for a single one. */
final class DisruptionBudget {

  private DisruptionBudget() {}

  static Optional<PodDisruptionBudget> desired(SecureMemcached primary) {
    if (primary.getSpec().replicas() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new PodDisruptionBudgetBuilder()
            .withMetadata(Labels.meta(primary, Names.name(primary), "server").build())
            .withNewSpec()
            .withMaxUnavailable(new IntOrString(1))
            // By default a drain also waits for servers that are not ready, and so for as long as
            // no operator runs that could check them.
            .withUnhealthyPodEvictionPolicy("AlwaysAllow")
            .withNewSelector()
            .withMatchLabels(Labels.serverSelector(primary))
            .endSelector()
            .endSpec()
            .build());
  }
}
