package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.zones.LoadedList;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Input of the status.
 *
 * @param servers the StatefulSet as last seen, if it exists
 * @param pods the servers' pods, in any order
 * @param verifications results of the checks, by pod uid
 * @param credentials result for the logins, if this reconciliation got that far
 * @param exposures foreign objects that expose the servers, if this reconciliation got that far
 * @param unread what could not be audited, and why: foreign objects, waiting pods
 * @param refusedPods why Kubernetes creates no pods, as quoted from an event, which others can
 *     forge
 * @param rollout where the servers are on their way to what they should run, if this reconciliation
 *     got that far
 * @param external the existing Services for clients outside of the cluster
 * @param outdated Secrets for these clients that do not have all addresses of these Services yet
 * @param failure why this reconciliation ended early, if it did
 * @param externalFailure why something for clients outside of the cluster could not be applied
 * @param lists of CIDRs that the source zones use
 * @param now time for conditions that change with this status
 */
public record StatusInput(
    SecureMemcached primary,
    Settings settings,
    Optional<StatefulSet> servers,
    List<Pod> pods,
    Map<String, Verification> verifications,
    Optional<CredentialResult> credentials,
    Optional<List<Exposure>> exposures,
    List<String> unread,
    Optional<String> refusedPods,
    Optional<Rollout> rollout,
    List<Service> external,
    List<String> outdated,
    Optional<Failure> failure,
    Optional<Failure> externalFailure,
    List<LoadedList> lists,
    Instant now) {

  /** For a resource of which nothing is known. */
  public static StatusInput unknown(SecureMemcached primary, Settings settings, Instant now) {
    return new StatusInput(
        primary,
        settings,
        Optional.empty(),
        List.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        now);
  }

  /** Since when the resource is paused; empty if it is not. */
  String pausedSince() {
    String last = primary.getStatus().pausedSince();
    return !Pause.of(primary)
        ? ""
        : last.isEmpty() ? now.truncatedTo(ChronoUnit.SECONDS).toString() : last;
  }

  /** Generation of the spec that is applied, which the status describes. */
  long generation() {
    return Pause.of(primary)
        ? primary.getStatus().observedGeneration()
        : primary.getMetadata().getGeneration();
  }

  /** Whether the spec is applied: that of a paused resource may not be. */
  boolean isApplied() {
    return generation() == primary.getMetadata().getGeneration();
  }

  int wanted() {
    return primary.getSpec().replicas();
  }
}
