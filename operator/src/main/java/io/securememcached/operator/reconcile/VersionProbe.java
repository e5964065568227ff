package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.status.Pods;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each server for its version once, beside the passes: a slow or dead server delays none.
 *
 * <p>What was asked is remembered in the status; a restarted operator asks nobody again.
 */
final class VersionProbe {

  private static final Logger LOG = LoggerFactory.getLogger(VersionProbe.class);

  private final Executor executor;
  private final Predicate<Pod> isThere;
  private final SimpleInboundEventSource<SecureMemcached> answered =
      new SimpleInboundEventSource<>("version");

  /** By pod uid: the version, or nothing while it was asked without an answer yet. */
  private final Map<String, Optional<String>> asked = new ConcurrentHashMap<>();

  /**
   * A probe.
   *
   * @param isThere whether a pod is not gone yet; a pass may still have it in its list
   */
  VersionProbe(Executor executor, Predicate<Pod> isThere) {
    this.executor = executor;
    this.isThere = isThere;
  }

  SimpleInboundEventSource<SecureMemcached> eventSource() {
    return answered;
  }

  /** The versions that are known, by pod uid; asks the servers that are ready and unknown. */
  Map<String, String> versionsOf(SecureMemcached primary, List<Pod> pods) {
    Map<String, String> versions = new HashMap<>();
    for (Pod pod : pods) {
      String uid = pod.getMetadata().getUid();
      Optional<String> known = known(primary, pod);
      known.ifPresent(version -> versions.put(uid, version));
      if (known.isEmpty() && isReachable(primary, pod) && beginsNow(pod)) {
        ResourceID id = ResourceID.fromResource(primary);
        InetSocketAddress address =
            new InetSocketAddress(pod.getStatus().getPodIP(), primary.getSpec().port());
        executor.execute(() -> ask(uid, address, id));
      }
    }
    return versions;
  }

  private boolean beginsNow(Pod pod) {
    String uid = pod.getMetadata().getUid();
    if (asked.putIfAbsent(uid, Optional.empty()) != null) {
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

  private static boolean isReachable(SecureMemcached primary, Pod pod) {
    return Pods.isReady(pod) && primary.getSpec().listen() == Listen.PodIP;
  }

  private Optional<String> known(SecureMemcached primary, Pod pod) {
    return asked
        .getOrDefault(pod.getMetadata().getUid(), Optional.empty())
        .or(() -> remembered(primary, pod));
  }

  private void ask(String uid, InetSocketAddress address, ResourceID id) {
    try (MemcachedClient client = MemcachedClient.connect(address, Timeouts.DEFAULT)) {
      asked.replace(uid, Optional.of(client.version().text()));
      answered.propagateEvent(id);
    } catch (MemcachedException e) {
      // The next pass asks again; Kubernetes says the server is ready, so this is for the curious.
      asked.remove(uid);
      LOG.debug("A server did not tell its version", e);
    }
  }

  /** A pod keeps its name when it is replaced, but not its address while the old one is there. */
  private static Optional<String> remembered(SecureMemcached primary, Pod pod) {
    if (!Pods.isReady(pod)) {
      return Optional.empty();
    }
    return primary.getStatus().servers().stream()
        .filter(server -> server.name().equals(pod.getMetadata().getName()) && server.ready())
        .filter(server -> server.address().startsWith(pod.getStatus().getPodIP() + ":"))
        .map(ServerStatus::version)
        .filter(version -> !version.isEmpty())
        .findFirst();
  }
}
