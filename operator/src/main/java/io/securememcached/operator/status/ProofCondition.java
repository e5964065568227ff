package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.VerificationPolicy;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.verify.Check;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Conditions SASLEnforced and NetworkRestricted: what the checks verified on all servers. */
final class ProofCondition {

  private static final Set<String> PROOFS =
      Set.of(Conditions.SASL_ENFORCED, Conditions.NETWORK_RESTRICTED);

  private ProofCondition() {}

  static Condition saslEnforced(StatusInput facts) {
    return of(
        facts,
        Conditions.SASL_ENFORCED,
        found -> found.hardeningFailures().stream().findFirst(),
        Reason.CheckFailed,
        Verification::isProven,
        "SASL enforcement verified on %d of %d servers.");
  }

  static Condition networkRestricted(StatusInput facts) {
    Condition condition =
        of(
            facts,
            Conditions.NETWORK_RESTRICTED,
            found -> found.failure(Check.POLICIES_ENFORCED),
            Reason.PoliciesNotEnforced,
            Verification::isRestricted,
            "NetworkPolicy enforcement verified on %d of %d servers.");
    return foreignPolicy(facts)
        .filter(policy -> condition.getReason().equals(Reason.PoliciesNotEnforced.name()))
        .map(
            policy ->
                Conditions.of(
                    facts,
                    Conditions.NETWORK_RESTRICTED,
                    condition.getStatus(),
                    Reason.Exposed,
                    "%s exposes the servers (see NotExposed); NetworkPolicy enforcement can't be verified until it is removed. %s"
                        .formatted(policy, condition.getMessage())))
        .orElse(condition);
  }

  /** A condition of the last status while no server is checked: the proof in it expires. */
  static Condition kept(StatusInput facts, Condition last) {
    return PROOFS.contains(last.getType()) && last.getStatus().equals("True")
        ? facts.primary().getStatus().servers().stream()
            .filter(server -> !server.verifiedAt().isEmpty())
            .flatMap(
                server ->
                    expired(
                        facts, last.getType(), server.name(), Instant.parse(server.verifiedAt()))
                        .stream())
            .findFirst()
            .orElse(last)
        : last;
  }

  /** A foreign policy may allow the connection that the check expects to be blocked. */
  private static Optional<String> foreignPolicy(StatusInput facts) {
    return facts.exposures().orElse(List.of()).stream()
        .filter(exposure -> exposure.kind() == Kind.FOREIGN_POLICY && !exposure.isIntended())
        .map(Exposure::object)
        .findFirst();
  }

  private static Condition of(
      StatusInput facts,
      String type,
      Function<Verification, Optional<Finding>> failure,
      Reason failed,
      Function<Verification, Boolean> proven,
      String success) {
    if (facts.wanted() == 0 && facts.pods().isEmpty()) {
      return Conditions.of(
          facts,
          type,
          "True",
          Reason.NoServersRequested,
          "No servers requested: spec.replicas is 0.");
    }
    if (facts.primary().getSpec().listen() == Listen.Loopback
        && facts.pods().stream().allMatch(pod -> Pods.isLoopback(facts.primary(), pod))) {
      return Conditions.of(
          facts,
          type,
          "Unknown",
          Reason.NotVerifiable,
          "Not verifiable: the servers listen on 127.0.0.1 only (spec.listen is Loopback).");
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
            "%s accepts no more connections: spec.maxConnections (%d) is reached. Close idle client connections or raise spec.maxConnections. Server response: %s"
                .formatted(
                    pod.getMetadata().getName(),
                    facts.primary().getSpec().maxConnections(),
                    full.get()));
      }
    }
    for (Pod pod : pods) {
      Optional<Condition> expired =
          found(facts, pod)
              .flatMap(found -> expired(facts, type, pod.getMetadata().getName(), found.at()));
      if (expired.isPresent()) {
        return expired.get();
      }
    }
    // One that terminates must not stand for one that was not checked yet.
    List<Pod> requested = pods.stream().filter(pod -> isRequested(facts, pod)).toList();
    long good =
        requested.stream().flatMap(pod -> found(facts, pod).stream()).filter(proven::apply).count();
    String message = success.formatted(good, facts.wanted());
    if (good >= facts.wanted()) {
      return Conditions.of(facts, type, "True", Reason.Verified, message);
    }
    long unreachable =
        requested.stream().filter(pod -> Pods.isLoopback(facts.primary(), pod)).count();
    return unreachable > 0 && good + unreachable >= facts.wanted()
        ? Conditions.of(
            facts,
            type,
            "Unknown",
            Reason.NotVerifiable,
            "%s Not verifiable, as they listen on 127.0.0.1 only: %d."
                .formatted(message, unreachable))
        : Conditions.of(facts, type, "Unknown", Reason.NotVerified, message);
  }

  private static Optional<Condition> expired(
      StatusInput facts, String type, String server, Instant verifiedAt) {
    return verifiedAt.plus(interval(facts).multipliedBy(2)).isBefore(facts.now())
        ? Optional.of(
            Conditions.of(
                facts,
                type,
                "Unknown",
                Reason.VerificationExpired,
                "%s was last verified at %s, more than two verification intervals ago."
                    .formatted(server, verifiedAt)))
        : Optional.empty();
  }

  /** The default for one that this version of the operator can't read. */
  private static Duration interval(StatusInput facts) {
    boolean isUnreadable =
        facts.primary().getUnreadable().stream()
            .anyMatch(field -> field.startsWith("spec.verification.interval"));
    return (isUnreadable ? VerificationPolicy.defaults() : facts.primary().getSpec().verification())
        .intervalDuration();
  }

  private static boolean isRequested(StatusInput facts, Pod pod) {
    return Names.ordinal(facts.primary(), pod.getMetadata().getName()).stream()
        .anyMatch(ordinal -> ordinal < facts.wanted());
  }

  private static Optional<Verification> found(StatusInput facts, Pod pod) {
    return Optional.ofNullable(facts.verifications().get(pod.getMetadata().getUid()));
  }
}
