package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many servers of all resources restart at the same time, and per minute, for what an upgrade
 * of the operator changes: one upgrade concerns every cache of the cluster, and their databases
 * often are the same.
 *
 * <p>A resource that may not restart a server yet asks again later; the one that has asked first
 * comes first. This is memory of the process: after a start of the operator, servers that an
 * earlier one restarted are not counted, so at most {@code maxConcurrent} more restart.
 *
 * <p>Thread-safe.
 */
public final class RestartLimit {

  /**
   * How long a restart counts at most: a server that never gets ready would block all other
   * resources. Twice the time after which its own rollout halts.
   */
  static final Duration LONGEST = Decision.PATIENCE.multipliedBy(2);

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** When the first that waits asks again; no event says that another resource is done. */
  private static final Duration SOON = Duration.ofSeconds(5);

  /** When the last that waits asks again: a thousand that wait are 17 looks a second. */
  private static final Duration LATER = Duration.ofMinutes(1);

  /** By how much one that waits may be late before it loses its place. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final int maxConcurrent;
  private final int maxPerMinute;
  private final InstantSource clock;

  /** Restarts that are not over. */
  private final Map<ResourceID, Restart> running = new HashMap<>();

  /** Those of the last minute, the oldest first. */
  private final Deque<Restart> begun = new ArrayDeque<>();

  /** Who waits, the one that has asked first comes first. */
  private final Map<ResourceID, Place> waiting = new LinkedHashMap<>();

  /** A restart of a server; uid is that of the pod that was deleted. */
  private record Restart(String uid, Instant at) {}

  /** A place among those that wait. */
  private record Place(Instant at, Duration valid) {}

  /**
   * A limit that nothing has used yet.
   *
   * @param maxConcurrent restarts at the same time, at least 1
   * @param maxPerMinute restarts that begin within a minute, at least 1
   */
  public RestartLimit(int maxConcurrent, int maxPerMinute, InstantSource clock) {
    this.maxConcurrent = maxConcurrent;
    this.maxPerMinute = maxPerMinute;
    this.clock = clock;
  }

  /**
   * What is left of a decision. A server that does not run is not limited, as it has no cache to
   * lose; neither is what somebody changes in the spec of one resource, or requests for it.
   */
  synchronized Decision apply(Decision decision, ResourceID resource) {
    Optional<ServerUpdate> limited =
        decision.restart().stream()
            .filter(update -> update.origin() == UpdateOrigin.Operator)
            .filter(update -> Pods.isRunning(update.pod()))
            .findFirst();
    if (limited.isEmpty()) {
      waiting.remove(resource);
      return decision;
    }
    Instant now = clock.instant();
    forgetPast(now);
    String uid = limited.get().pod().getMetadata().getUid();
    Restart last = running.get(resource);
    if (last != null && last.uid().equals(uid)) {
      // The watch is late, or the API server has not deleted the pod.
      return decision;
    }
    // Its own last restart is over, or there would be no decision to restart another server.
    running.remove(resource);
    waiting.putIfAbsent(resource, new Place(now, SOON));
    int position = new ArrayList<>(waiting.keySet()).indexOf(resource);
    int slots = maxConcurrent - running.size();
    int ofMinute = maxPerMinute - begun.size();
    if (position >= Math.min(slots, ofMinute)) {
      return later(decision, resource, position, ofMinute < slots, now);
    }
    waiting.remove(resource);
    Restart restart = new Restart(uid, now);
    running.put(resource, restart);
    begun.add(restart);
    return decision;
  }

  /**
   * Takes note of a resource's servers: its restart is over when the pod that was deleted is gone
   * and all servers are ready.
   *
   * @param wanted number of requested servers
   */
  synchronized void observe(ResourceID resource, List<Pod> servers, int wanted) {
    Restart restart = running.get(resource);
    if (restart != null
        && servers.size() >= wanted
        && servers.stream()
            .allMatch(
                pod -> Pods.isReady(pod) && !pod.getMetadata().getUid().equals(restart.uid()))) {
      running.remove(resource);
    }
  }

  /** The API server has refused the restart: it does not count. */
  synchronized void refused(ResourceID resource) {
    Restart restart = running.remove(resource);
    if (restart != null) {
      begun.remove(restart);
    }
  }

  /** Forgets a deleted resource. */
  public synchronized void forget(ResourceID resource) {
    running.remove(resource);
    waiting.remove(resource);
  }

  private Decision later(
      Decision decision, ResourceID resource, int position, boolean isOfMinute, Instant now) {
    Instant next = now.plus(shorter(SOON.plusSeconds(position), LATER));
    if (isOfMinute && begun.size() >= maxPerMinute) {
      Instant frees = begun.getFirst().at().plus(MINUTE);
      next = frees.isAfter(next) ? frees : next;
    }
    waiting.put(resource, new Place(now, Duration.between(now, next).plus(GRACE)));
    String detail =
        isOfMinute
            ? "at most %d a minute (chart value updates.maxPerMinute)".formatted(maxPerMinute)
            : "at most %d at a time (chart value updates.maxConcurrent)".formatted(maxConcurrent);
    return new Decision(
        new Rollout(
            decision.rollout().pending(),
            decision.rollout().id(),
            Rollout.Phase.RESTARTING,
            "Waits for servers of other resources: the operator restarts " + detail + ".",
            Optional.of(next)),
        List.of());
  }

  private void forgetPast(Instant now) {
    running.values().removeIf(restart -> isPast(restart.at(), LONGEST, now));
    begun.removeIf(restart -> isPast(restart.at(), MINUTE, now));
    waiting.values().removeIf(place -> isPast(place.at(), place.valid(), now));
  }

  /** A time in the future is of a clock that was wrong. */
  private static boolean isPast(Instant at, Duration valid, Instant now) {
    return Duration.between(at, now).abs().compareTo(valid) >= 0;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
