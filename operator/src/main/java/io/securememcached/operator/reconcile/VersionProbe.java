package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.text.Quoted;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each server for its version once, beside the passes: a slow or dead server delays none, and
 * is asked again with growing pauses.
 *
 * <p>What was asked is remembered in the status; a restarted operator asks nobody again.
 */
final class VersionProbe {

  private static final Logger LOG = LoggerFactory.getLogger(VersionProbe.class);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private final ServerTasks tasks;
  private final InstantSource clock;
  private final Predicate<Pod> isThere;
  private final SimpleInboundEventSource<SecureMemcached> answered =
      new SimpleInboundEventSource<>("version");

  /** By pod uid. */
  private final Map<String, Asked> asked = new ConcurrentHashMap<>();

  /**
   * What came of it.
   *
   * @param version empty while there is no answer
   * @param pause after which to ask again without an answer
   * @param again when to do so
   */
  private record Asked(Optional<Quoted> version, Duration pause, Instant again) {}

  /**
   * A probe.
   *
   * @param isThere whether a pod is not gone yet; a pass may still have it in its list
   */
  VersionProbe(ServerTasks tasks, InstantSource clock, Predicate<Pod> isThere) {
    this.tasks = tasks;
    this.clock = clock;
    this.isThere = isThere;
  }

  SimpleInboundEventSource<SecureMemcached> eventSource() {
    return answered;
  }

  /** The versions that are known, by pod uid; asks the servers that are ready and unknown. */
  Map<String, Quoted> versionsOf(SecureMemcached primary, List<Pod> pods) {
    Map<String, Quoted> versions = new HashMap<>();
    for (Pod pod : pods) {
      String uid = pod.getMetadata().getUid();
      Optional<Quoted> known = known(primary, pod);
      known.ifPresent(version -> versions.put(uid, version));
      if (known.isEmpty() && isReachable(primary, pod) && beginsNow(pod)) {
        ResourceID id = ResourceID.fromResource(primary);
        ServerAddress address = Pods.address(pod, Pods.port(primary, pod)).orElseThrow();
        tasks.execute(
            primary.getMetadata().getNamespace(),
            ServerTasks.Urgency.REPEATED,
            () -> ask(uid, address, id));
      }
    }
    return versions;
  }

  private boolean beginsNow(Pod pod) {
    String uid = pod.getMetadata().getUid();
    Instant now = clock.instant();
    Asked before = asked.get(uid);
    if (before != null && now.isBefore(before.again())) {
      return false;
    }
    Duration pause = before == null ? FIRST_PAUSE : longer(before.pause());
    Asked next = new Asked(Optional.empty(), pause, now.plus(pause));
    if (before == null ? asked.putIfAbsent(uid, next) != null : !asked.replace(uid, before, next)) {
      return false;
    }
    // In this order: a pod that goes after this is forgotten after this.
    if (!isThere.test(pod)) {
      asked.remove(uid);
      return false;
    }
    return true;
  }

  /** Whether a server should have told its version and has not. */
  boolean hasUnanswered(SecureMemcached primary, List<Pod> pods) {
    return pods.stream()
        .anyMatch(pod -> isReachable(primary, pod) && known(primary, pod).isEmpty());
  }

  /** Forgets a pod that is gone. */
  void forget(Pod pod) {
    asked.remove(pod.getMetadata().getUid());
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private static boolean isReachable(SecureMemcached primary, Pod pod) {
    return Pods.isReady(pod) && Pods.hasAddress(pod) && primary.getSpec().listen() == Listen.PodIP;
  }

  private Optional<Quoted> known(SecureMemcached primary, Pod pod) {
    return Optional.ofNullable(asked.get(pod.getMetadata().getUid()))
        .flatMap(Asked::version)
        .or(() -> remembered(primary, pod));
  }

  private void ask(String uid, ServerAddress address, ResourceID id) {
    try (MemcachedClient client = MemcachedClient.connect(address.socket(), Timeouts.DEFAULT)) {
      Optional<Quoted> version = Optional.of(client.version().text());
      asked.computeIfPresent(
          uid, (key, before) -> new Asked(version, before.pause(), before.again()));
      answered.propagateEvent(id);
    } catch (MemcachedException e) {
      // A later pass asks again; Kubernetes says the server is ready, so this is for the curious.
      LOG.debug("A server did not tell its version", e);
    }
  }

  /** A pod keeps its name when it is replaced, but not its address while the old one is there. */
  private static Optional<Quoted> remembered(SecureMemcached primary, Pod pod) {
    if (!Pods.isReady(pod)) {
      return Optional.empty();
    }
    return primary.getStatus().servers().stream()
        .filter(server -> server.name().equals(pod.getMetadata().getName()) && server.ready())
        .filter(server -> Pods.isAt(pod, server.address()))
        .map(ServerStatus::version)
        .filter(version -> !version.isEmpty())
        .findFirst();
  }
}
