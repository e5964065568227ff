package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.ScalingStatus;
import io.securememcached.operator.resource.KeyMoves;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The latest change of the number of servers. It is found by comparing the last status with the
 * StatefulSet, so that a change is reported also if the operator was restarted in between.
 */
final class Scaling {

  private Scaling() {}

  /** The latest change, this reconciliation included; empty until servers were applied. */
  static Optional<ScalingStatus> of(StatusInput facts) {
    Optional<ScalingStatus> last = facts.primary().getStatus().lastScaling();
    Optional<Integer> applied =
        facts.servers().map(StatefulSet::getSpec).map(spec -> spec.getReplicas());
    // Paused or rejected, or changed by somebody else a moment ago.
    if (!applied.equals(Optional.of(facts.wanted()))) {
      return last;
    }
    int to = applied.get();
    return last.isEmpty()
        ? Optional.of(ScalingStatus.first(to))
        : last.filter(scaling -> scaling.to() == to)
            .or(() -> last.map(scaling -> changed(scaling.to(), to, facts.now())));
  }

  private static ScalingStatus changed(int from, int to, Instant now) {
    return new ScalingStatus(
        from, to, now.truncatedTo(ChronoUnit.SECONDS).toString(), KeyMoves.of(from, to));
  }

  /**
   * What the change does to keys, while the servers are not ready because of it; empty otherwise.
   * Starts with a blank.
   */
  static String underWay(StatusInput facts) {
    return of(facts)
        .filter(scaling -> scaling.before().isPresent())
        .filter(scaling -> !wasReadySince(facts, scaling))
        .map(scaling -> " " + scaling.keys())
        .orElse("");
  }

  /** A server that fails later is no part of the change. */
  private static boolean wasReadySince(StatusInput facts, ScalingStatus scaling) {
    return facts.primary().getStatus().lastScaling().equals(Optional.of(scaling))
        && Conditions.find(facts.primary().getStatus().conditions(), Conditions.SERVERS_READY)
            .map(Condition::getLastTransitionTime)
            .filter(since -> Instant.parse(since).isAfter(Instant.parse(scaling.at())))
            .isPresent();
  }
}
