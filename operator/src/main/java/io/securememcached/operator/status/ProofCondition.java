package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.verify.Check;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Conditions SASLEnforced and NetworkRestricted: what the checks of all servers have proven. */
final class ProofCondition {

  private ProofCondition() {}

  static Condition saslEnforced(Facts facts) {
    return of(
        facts,
        Conditions.SASL_ENFORCED,
        found -> found.hardeningFailures().stream().findFirst(),
        Reason.CheckFailed,
        Verification::isProven,
        "%d of %d servers refuse whoever has no login.");
  }

  static Condition networkRestricted(Facts facts) {
    Condition condition =
        of(
            facts,
            Conditions.NETWORK_RESTRICTED,
            found -> found.failure(Check.POLICIES_ENFORCED),
            Reason.PoliciesNotEnforced,
            Verification::isRestricted,
            "At %d of %d servers connections that no policy lets in do not get through.");
    return foreignPolicy(facts)
        .filter(policy -> condition.getReason().equals(Reason.PoliciesNotEnforced.name()))
        .map(
            policy ->
                Conditions.of(
                    facts,
                    Conditions.NETWORK_RESTRICTED,
                    condition.getStatus(),
                    Reason.Exposed,
                    "%s opens the servers, see NotExposed; as long as it is there, nobody can tell whether policies are enforced. %s"
                        .formatted(policy, condition.getMessage())))
        .orElse(condition);
  }

  /** With it a connection may be one that a policy lets in. */
  private static Optional<String> foreignPolicy(Facts facts) {
    return facts.exposures().orElse(List.of()).stream()
        .filter(exposure -> exposure.kind() == Kind.FOREIGN_POLICY && !exposure.isIntended())
        .map(Exposure::object)
        .findFirst();
  }

  private static Condition of(
      Facts facts,
      String type,
      Function<Verification, Optional<Finding>> failure,
      Reason failed,
      Function<Verification, Boolean> proven,
      String success) {
    if (facts.wanted() == 0 && facts.pods().isEmpty()) {
      return Conditions.of(facts, type, "True", Reason.NoServersWanted, "replicas is 0.");
    }
    if (facts.primary().getSpec().listen() == Listen.Loopback) {
      return Conditions.of(
          facts,
          type,
          "Unknown",
          Reason.NotReachable,
          "Servers listen on 127.0.0.1, where the operator can't reach them.");
    }
    List<Pod> pods =
        facts.pods().stream()
            .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
            .toList();
    for (Pod pod : pods) {
      Optional<Finding> problem = found(facts, pod).flatMap(failure);
      if (problem.isPresent()) {
        return Conditions.of(
            facts, type, "False", failed, pod.getMetadata().getName() + ": " + problem.get());
      }
    }
    for (Pod pod : pods) {
      Optional<Finding> full = found(facts, pod).flatMap(Verification::exhausted);
      if (full.isPresent()) {
        return Conditions.of(
            facts,
            type,
            "Unknown",
            Reason.ConnectionsExhausted,
            "%s takes no more connections, all of maxConnections (%d) are used: close idle ones or raise maxConnections. Seen: %s"
                .formatted(
                    pod.getMetadata().getName(),
                    facts.primary().getSpec().maxConnections(),
                    full.get()));
      }
    }
    Duration oldest = facts.primary().getSpec().verification().intervalDuration().multipliedBy(2);
    for (Pod pod : pods) {
      Optional<Verification> found = found(facts, pod);
      if (found.isPresent() && found.get().at().plus(oldest).isBefore(facts.now())) {
        return Conditions.of(
            facts,
            type,
            "Unknown",
            Reason.ProofTooOld,
            "%s was last reached at %s.".formatted(pod.getMetadata().getName(), found.get().at()));
      }
    }
    long good =
        pods.stream().flatMap(pod -> found(facts, pod).stream()).filter(proven::apply).count();
    String message = success.formatted(good, facts.wanted());
    return good >= facts.wanted()
        ? Conditions.of(facts, type, "True", Reason.Verified, message)
        : Conditions.of(facts, type, "Unknown", Reason.NotVerified, message);
  }

  private static Optional<Verification> found(Facts facts, Pod pod) {
    return Optional.ofNullable(facts.verifications().get(pod.getMetadata().getUid()));
  }
}
