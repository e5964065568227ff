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
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.verify.Target;
import io.securememcached.operator.verify.Verdict;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
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

  /**
   * A server that fails is checked once a minute: that is eight connections, and nothing but a
   * change puts it right. So is one that has passed its first, short run.
   */
  private static final Duration SOON = Duration.ofMinutes(1);

  /** A server that can't be reached costs one connection; it may just have started. */
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);

  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  /** How long a changed sasldb may take to a server: until then a refused login proves nothing. */
  private static final Duration DELIVERY = Duration.ofMinutes(2);

  private final Executor executor;
  private final InstantSource clock;
  private final Predicate<Pod> isThere;
  private final VerificationMetrics metrics;
  private final SimpleInboundEventSource<SecureMemcached> done =
      new SimpleInboundEventSource<>("verification");

  /** By pod uid. */
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /**
   * What is known of a server.
   *
   * @param cause what a check must be later than: spec, logins, starts of the container, and what
   *     others opened
   * @param running whether a check is under way
   * @param runs how often it was checked
   * @param misses how often in a row it was not reached
   * @param next when to check it without a cause
   */
  private record Entry(
      String cause,
      boolean running,
      int runs,
      int misses,
      Instant next,
      Optional<Verification> last) {}

  /**
   * A verifier.
   *
   * @param isThere whether a pod is not gone yet; a pass may still have it in its list
   */
  ServerVerifier(
      Executor executor, InstantSource clock, MeterRegistry registry, Predicate<Pod> isThere) {
    this.executor = executor;
    this.clock = clock;
    this.isThere = isThere;
    this.metrics = new VerificationMetrics(registry, clock);
  }

  SimpleInboundEventSource<SecureMemcached> eventSource() {
    return done;
  }

  /** Forgets a pod that is gone. */
  void forget(Pod pod) {
    entries.remove(pod.getMetadata().getUid());
    metrics.forget(pod);
  }

  /** Starts the checks that are due, and says what is known until then, by pod uid. */
  Map<String, Verification> verify(
      SecureMemcached primary, List<Pod> pods, Logins logins, List<Exposure> exposures) {
    for (Pod pod : pods) {
      if (isChecked(primary, pod)) {
        String uid = pod.getMetadata().getUid();
        String cause = cause(primary, pod, logins, exposures);
        Entry entry =
            entries.computeIfAbsent(
                uid, key -> isThere.test(pod) ? remembered(primary, pod, logins, cause) : null);
        if (entry != null && !entry.running() && isDue(entry, cause)) {
          start(primary, pod, logins, entry, cause);
        }
      }
    }
    return known(pods);
  }

  /** What is known, by pod uid. */
  Map<String, Verification> known(List<Pod> pods) {
    Map<String, Verification> known = new HashMap<>();
    for (Pod pod : pods) {
      Optional.ofNullable(entries.get(pod.getMetadata().getUid()))
          .flatMap(Entry::last)
          .ifPresent(last -> known.put(pod.getMetadata().getUid(), last));
    }
    return known;
  }

  /** When the next check is due, if one is. */
  Optional<Instant> due(SecureMemcached primary, List<Pod> pods) {
    return pods.stream()
        .filter(pod -> isChecked(primary, pod))
        .flatMap(pod -> Stream.ofNullable(entries.get(pod.getMetadata().getUid())))
        .filter(entry -> !entry.running())
        .map(Entry::next)
        .min(Instant::compareTo);
  }

  private static boolean isChecked(SecureMemcached primary, Pod pod) {
    return primary.getSpec().listen() == Listen.PodIP && Pods.hasAddress(pod);
  }

  private boolean isDue(Entry entry, String cause) {
    return !entry.cause().equals(cause) || !clock.instant().isBefore(entry.next());
  }

  /** Spread over the last fifth of the interval, so that a fleet is not checked at one moment. */
  private static Duration pause(
      SecureMemcached primary, Verification last, int misses, boolean isFirst) {
    if (!last.isReached()) {
      Duration growing = FIRST_RETRY.multipliedBy(1L << Math.min(misses - 1, 10));
      return growing.compareTo(LAST_RETRY) < 0 ? growing : LAST_RETRY;
    }
    if (!last.isProven() || isFirst) {
      return SOON;
    }
    Duration interval = primary.getSpec().verification().intervalDuration();
    int seed = last.at().hashCode() + primary.getMetadata().getUid().hashCode();
    return interval.minusSeconds(Math.floorMod(seed, interval.toSeconds() / 5 + 1));
  }

  private static String cause(
      SecureMemcached primary, Pod pod, Logins logins, List<Exposure> exposures) {
    int restarts =
        pod.getStatus().getContainerStatuses().stream()
            .mapToInt(container -> container.getRestartCount())
            .sum();
    return String.join(
        " ",
        primary.getMetadata().getGeneration().toString(),
        logins.changedAt().toString(),
        Integer.toString(restarts),
        exposures.toString());
  }

  private void start(SecureMemcached primary, Pod pod, Logins logins, Entry entry, String cause) {
    String uid = pod.getMetadata().getUid();
    // Where it still stands: a pod that goes in the meantime is forgotten for good.
    entries.replace(
        uid, new Entry(cause, true, entry.runs() + 1, entry.misses(), entry.next(), entry.last()));
    InetSocketAddress address =
        new InetSocketAddress(pod.getStatus().getPodIP(), primary.getSpec().port());
    Target target =
        Target.at(
            address,
            CheckRun.logins(logins, entry.runs()),
            ImageCondition.distribution(primary.getSpec().image()));
    boolean isFresh = clock.instant().isBefore(logins.changedAt().plus(DELIVERY));
    boolean wasReached = entry.last().filter(Verification::isReached).isPresent();
    ResourceID id = ResourceID.fromResource(primary);
    executor.execute(
        () -> {
          if (!entries.containsKey(uid)) {
            // Its address may be another pod's by now, which gets no login.
            return;
          }
          Map<String, Verdict> verdicts = CheckRun.run(target, wasReached, isFresh);
          Instant at = clock.instant().truncatedTo(ChronoUnit.SECONDS);
          Verification verification =
              new Verification(
                  at,
                  CheckRun.texts(verdicts, Outcome.FAILED),
                  CheckRun.texts(verdicts, Outcome.UNKNOWN));
          entries.computeIfPresent(
              uid,
              (key, now) -> {
                // In here, so that a pod that goes in the meantime takes its gauges along.
                metrics.record(primary, pod, verdicts, at);
                return checked(primary, now, verification);
              });
          done.propagateEvent(id);
        });
  }

  /** A server that was proven once and is not reached now keeps its proof, which grows old. */
  private Entry checked(SecureMemcached primary, Entry entry, Verification found) {
    int misses = found.isReached() ? 0 : entry.misses() + 1;
    boolean isFirst = entry.last().filter(Verification::isReached).isEmpty();
    boolean keeps = !found.isReached() && !isFirst;
    return new Entry(
        entry.cause(),
        false,
        entry.runs(),
        misses,
        clock.instant().plus(pause(primary, found, misses, isFirst)),
        keeps ? entry.last() : Optional.of(found));
  }

  /**
   * What the status says of a server, if that is about it as it is now. A pod keeps its name when
   * it is replaced, but not its address while the old one is there.
   */
  private Entry remembered(SecureMemcached primary, Pod pod, Logins logins, String cause) {
    boolean isSameSpec =
        primary.getMetadata().getGeneration().equals(primary.getStatus().observedGeneration());
    Optional<Verification> last =
        primary.getStatus().servers().stream()
            .filter(server -> isSameSpec && Pods.isReady(pod) && server.ready())
            .filter(server -> server.name().equals(pod.getMetadata().getName()))
            .filter(server -> server.address().startsWith(pod.getStatus().getPodIP() + ":"))
            .flatMap(server -> Verification.of(server).stream())
            .filter(verification -> !verification.at().isBefore(logins.changedAt()))
            .findFirst();
    return new Entry(
        cause,
        false,
        0,
        0,
        last.map(found -> found.at().plus(pause(primary, found, 1, false))).orElse(Instant.EPOCH),
        last);
  }
}
