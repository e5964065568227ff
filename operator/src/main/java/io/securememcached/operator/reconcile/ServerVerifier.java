package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.status.ImageCondition;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Target;
import io.securememcached.operator.verify.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Checks running servers beside the passes: a new one at once, each after a change of logins or
 * spec, and all of them from time to time.
 *
 * <p>A server is checked with the operator's login and one user's, another one each time. What was
 * found is remembered in the status: a restarted operator goes on from there.
 */
final class ServerVerifier {

  /** How long a changed sasldb may take to a server: until then a refused login proves nothing. */
  private static final Duration DELIVERY = Duration.ofMinutes(2);

  private final ServerTasks tasks;
  private final InstantSource clock;
  private final Predicate<Pod> isThere;
  private final VerificationMetrics metrics;
  private final SimpleInboundEventSource<SecureMemcached> done =
      new SimpleInboundEventSource<>("verification");

  /** By pod uid. */
  private final Map<String, CheckState> states = new ConcurrentHashMap<>();

  /**
   * A verifier.
   *
   * @param isThere whether a pod is not gone yet; a pass may still have it in its list
   */
  ServerVerifier(
      ServerTasks tasks, InstantSource clock, MeterRegistry registry, Predicate<Pod> isThere) {
    this.tasks = tasks;
    this.clock = clock;
    this.isThere = isThere;
    this.metrics = new VerificationMetrics(registry, clock);
  }

  SimpleInboundEventSource<SecureMemcached> eventSource() {
    return done;
  }

  /** Forgets a pod that is gone. */
  void forget(Pod pod) {
    states.remove(pod.getMetadata().getUid());
    metrics.forget(pod);
  }

  /** Starts the checks that are due, and says what is known until then, by pod uid. */
  Map<String, Verification> verify(
      SecureMemcached primary, List<Pod> pods, Logins logins, List<Exposure> exposures) {
    for (Pod pod : pods) {
      if (isChecked(primary, pod)) {
        String uid = pod.getMetadata().getUid();
        CheckCause cause = CheckCause.of(primary, pod, logins, exposures);
        CheckState state =
            states.computeIfAbsent(
                uid, key -> isThere.test(pod) ? remembered(primary, pod, logins, cause) : null);
        Instant now = clock.instant();
        if (state != null && state.isDue(cause, now)) {
          start(primary, pod, logins, state.started(cause, now), now);
        }
      }
    }
    return known(pods);
  }

  /** What is known, by pod uid. */
  Map<String, Verification> known(List<Pod> pods) {
    Map<String, Verification> known = new HashMap<>();
    for (Pod pod : pods) {
      Optional.ofNullable(states.get(pod.getMetadata().getUid()))
          .flatMap(CheckState::known)
          .ifPresent(last -> known.put(pod.getMetadata().getUid(), last));
    }
    return known;
  }

  /** When the next check is due, if one is. */
  Optional<Instant> due(SecureMemcached primary, List<Pod> pods) {
    return pods.stream()
        .filter(pod -> isChecked(primary, pod))
        .flatMap(pod -> Stream.ofNullable(states.get(pod.getMetadata().getUid())))
        .filter(state -> !state.running())
        .map(CheckState::next)
        .min(Instant::compareTo);
  }

  private static boolean isChecked(SecureMemcached primary, Pod pod) {
    return primary.getSpec().listen() == Listen.PodIP && Pods.hasAddress(pod);
  }

  private void start(
      SecureMemcached primary, Pod pod, Logins logins, CheckState state, Instant now) {
    String uid = pod.getMetadata().getUid();
    // Where it still stands: a pod that goes in the meantime is forgotten for good.
    states.replace(uid, state);
    CheckRun run =
        new CheckRun(
            Target.at(
                Pods.address(pod, Pods.port(primary, pod)).orElseThrow().socket(),
                CheckRun.logins(logins, state.runs()),
                ImageCondition.distribution(primary)),
            state.wasReached(),
            now.isBefore(logins.changedAt().plus(DELIVERY)),
            state.isSettling(now));
    ResourceID id = ResourceID.fromResource(primary);
    tasks.execute(
        primary.getMetadata().getNamespace(),
        state.urgency(),
        () -> {
          if (!states.containsKey(uid)) {
            // Its address may be another pod's by now, which gets no login.
            return;
          }
          long start = System.nanoTime();
          Map<Check, Verdict> verdicts = run.verdicts();
          Duration took = Duration.ofNanos(System.nanoTime() - start);
          Instant at = clock.instant().truncatedTo(ChronoUnit.SECONDS);
          Verification found = CheckRun.found(verdicts, at);
          states.computeIfPresent(
              uid,
              (key, running) -> {
                // In here, so that a pod that goes in the meantime takes its gauges along.
                metrics.record(primary, pod, verdicts, at);
                return running.ended(found, took, clock.instant(), primary);
              });
          done.propagateEvent(id);
        });
  }

  /**
   * What the status says of a server, if that is about it as it is now. A pod keeps its name when
   * it is replaced, but not its address while the old one is there.
   */
  private static CheckState remembered(
      SecureMemcached primary, Pod pod, Logins logins, CheckCause cause) {
    boolean isSameSpec =
        primary.getMetadata().getGeneration().equals(primary.getStatus().observedGeneration());
    return primary.getStatus().servers().stream()
        .filter(server -> isSameSpec && Pods.isReady(pod) && server.ready())
        .filter(server -> server.name().equals(pod.getMetadata().getName()))
        .filter(server -> Pods.isAt(pod, server.address()))
        .flatMap(server -> Verification.of(server).stream())
        .filter(found -> !found.at().isBefore(logins.changedAt()))
        .findFirst()
        .map(found -> CheckState.remembered(cause, found, primary))
        .orElseGet(() -> CheckState.fresh(cause));
  }
}
