package io.securememcached.operator.verification;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.probe.ServerProbes;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.status.RunningImage;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.verify.Target;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Checks running servers beside the reconciliations: a new one at once, each after a change of
 * logins or spec, and all of them from time to time.
 *
 * <p>A server is checked with the operator's login and one user's, another one each time. What was
 * found is remembered in the status: a restarted operator goes on from there.
 */
public final class ServerVerifier {

  private final Map<Image.Flavor, String> images;
  private final InstantSource clock;
  private final VerificationMetrics metrics;

  /** By pod uid. */
  private final ServerProbes<String, CheckState> probes;

  /**
   * A verifier.
   *
   * @param images image reference by flavor
   * @param exists whether a pod is not deleted; a reconciliation may still have it in its list
   */
  public ServerVerifier(
      ServerTasks tasks,
      Map<Image.Flavor, String> images,
      InstantSource clock,
      MeterRegistry registry,
      Predicate<Pod> exists) {
    this.images = Map.copyOf(images);
    this.clock = clock;
    probes = new ServerProbes<>("verification", tasks, exists, uid -> uid);
    metrics = new VerificationMetrics(registry, clock);
  }

  public SimpleInboundEventSource<SecureMemcached> eventSource() {
    return probes.eventSource();
  }

  /** Forgets a deleted pod. */
  public void forget(Pod pod) {
    probes.forget(pod);
    metrics.forget(pod);
  }

  /** Starts the checks that are due, and says what is known until then, by pod uid. */
  public Map<String, Verification> verify(
      SecureMemcached primary, List<Pod> pods, Logins logins, List<Exposure> exposures) {
    for (Pod pod : pods) {
      if (isChecked(primary, pod)) {
        VerificationTrigger trigger = VerificationTrigger.of(primary, pod, logins, exposures);
        Optional<CheckState> known =
            probes.begin(
                pod, pod.getMetadata().getUid(), () -> remembered(primary, pod, logins, trigger));
        Instant now = clock.instant();
        known
            .filter(state -> state.isDue(trigger, now))
            .ifPresent(state -> start(primary, pod, logins, state.started(trigger, now), now));
      }
    }
    return known(pods);
  }

  /** What is known, by pod uid. */
  public Map<String, Verification> known(List<Pod> pods) {
    Map<String, Verification> known = new HashMap<>();
    for (Pod pod : pods) {
      String uid = pod.getMetadata().getUid();
      probes.get(uid).flatMap(CheckState::known).ifPresent(last -> known.put(uid, last));
    }
    return known;
  }

  /** When the next check is due, if one is. */
  public Optional<Instant> due(SecureMemcached primary, List<Pod> pods) {
    return pods.stream()
        .filter(pod -> isChecked(primary, pod))
        .flatMap(pod -> probes.get(pod.getMetadata().getUid()).stream())
        .filter(state -> !state.running())
        .map(CheckState::next)
        .min(Instant::compareTo);
  }

  private static boolean isChecked(SecureMemcached primary, Pod pod) {
    return !Pods.isLoopback(primary, pod) && Pods.hasAddress(pod);
  }

  private void start(
      SecureMemcached primary, Pod pod, Logins logins, CheckState state, Instant now) {
    String uid = pod.getMetadata().getUid();
    probes.update(uid, before -> state);
    CheckRun run =
        new CheckRun(
            Target.at(
                Pods.address(pod, Pods.port(primary, pod)).orElseThrow().socket(),
                CheckRun.logins(logins, state.runs(), state.isLoginDoubtful()),
                RunningImage.distribution(primary, pod, images)),
            state.wasReached(),
            state.isDelivering(now),
            state.isSettling(now));
    ResourceID resource = ResourceID.fromResource(primary);
    probes.ask(
        uid,
        resource,
        state.urgency(),
        Duration.ZERO,
        () -> {
          long start = System.nanoTime();
          CheckRun.Result found = run.run();
          Duration took = Duration.ofNanos(System.nanoTime() - start);
          Instant at = clock.instant().truncatedTo(ChronoUnit.SECONDS);
          probes.update(
              uid,
              running -> {
                // In here, so that a pod that is deleted in the meantime takes its gauges along.
                metrics.record(primary, pod, found.verdicts(), at);
                return running.ended(found.at(at), took, clock.instant(), primary);
              });
          probes.report(resource);
        });
  }

  /**
   * What the status says of a server, if that is about it as it is now. A pod keeps its name when
   * it is replaced, but not its address while the old one is there.
   *
   * <p>A check from before a restart of its container counts until the next one, which is due at
   * once, as it does where the operator sees the restart.
   *
   * <p>A check that ended with the change of the logins, or soon after it, may have begun before:
   * it counts, and is repeated soon. The status has its time in whole seconds.
   */
  private CheckState remembered(
      SecureMemcached primary, Pod pod, Logins logins, VerificationTrigger trigger) {
    Instant now = clock.instant();
    Instant loginsAt = loginsAt(pod, logins, now);
    boolean isSameSpec =
        primary.getMetadata().getGeneration().equals(primary.getStatus().observedGeneration());
    return primary.getStatus().servers().stream()
        .filter(server -> isSameSpec && Pods.isReady(pod) && server.ready())
        .filter(server -> server.name().equals(pod.getMetadata().getName()))
        .filter(server -> Pods.isAt(pod, server.address()))
        .flatMap(server -> Verification.of(server).stream())
        .filter(found -> !found.at().isBefore(logins.changedAt().truncatedTo(ChronoUnit.SECONDS)))
        .filter(found -> !found.at().isBefore(Pods.createdAt(pod)))
        .findFirst()
        .map(
            found -> {
              metrics.remember(primary, pod, found);
              return CheckState.remembered(
                  isOlderThanRestart(pod, found) ? trigger.beforeRestart() : trigger,
                  loginsAt,
                  found,
                  !found.at().isBefore(logins.changedAt().plus(CheckRun.TOTAL)),
                  now,
                  primary);
            })
        .orElseGet(() -> CheckState.fresh(trigger, loginsAt));
  }

  /** In doubt it is: the check may have begun before, and the start has the time of the node. */
  private static boolean isOlderThanRestart(Pod pod, Verification found) {
    return Pods.restartedAt(pod)
        .filter(start -> found.at().isBefore(start.plus(CheckRun.TOTAL)))
        .isPresent();
  }

  /**
   * When the logins changed, for a server that this process has not seen yet. The change has the
   * API server's time, and nothing tells how wrong this clock is. A server that has traffic must
   * not lose it for that: its logins count as changed now.
   */
  private static Instant loginsAt(Pod pod, Logins logins, Instant now) {
    return ReadinessGate.isSet(pod, "True") || logins.changedAt().isAfter(now)
        ? now
        : logins.changedAt();
  }
}
