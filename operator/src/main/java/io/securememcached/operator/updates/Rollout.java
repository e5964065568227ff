package io.securememcached.operator.updates;

import io.securememcached.operator.api.v1beta1.PendingUpdate;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the servers of a resource are on their way to what they should run.
 *
 * @param pending in the order in which the servers restart
 * @param id of what they get, by which it is approved; empty where that is unknown
 * @param phase what comes next
 * @param detail of the phase, as a sentence; empty if there is nothing to add
 * @param next when to look again without an event, if that is known
 */
public record Rollout(
    List<ServerUpdate> pending, String id, Phase phase, String detail, Optional<Instant> next) {

  /** Annotation of a resource: the id of the update that somebody approves. */
  public static final String APPROVE = "securememcached.io/approve-update";

  /** What a rollout does or waits for. */
  public enum Phase {
    /** Every server runs what it should. */
    UP_TO_DATE,
    /** For somebody to approve it. */
    APPROVAL,
    /** Until the resource is not paused. */
    PAUSED,
    /** For the next window. */
    WINDOW,
    /** A server is being restarted, or the next one waits until it is ready. */
    RESTARTING,
    /** A restarted server is worse than before: the others are left alone. */
    HALTED
  }

  public Rollout {
    pending = List.copyOf(pending);
  }

  /** Nothing to do. */
  public static Rollout upToDate() {
    return new Rollout(List.of(), "", Phase.UP_TO_DATE, "", Optional.empty());
  }

  /** Nothing is done for as long as the resource is paused. */
  public static Rollout paused(List<ServerUpdate> pending) {
    return new Rollout(pending, "", Phase.PAUSED, "", Optional.empty());
  }

  /** Whether servers are on their way to a changed spec: the resource is not ready until then. */
  public boolean isApplyingSpec() {
    return (phase == Phase.RESTARTING || phase == Phase.HALTED)
        && pending.stream().anyMatch(update -> update.origin() != UpdateOrigin.Operator);
  }

  /** The pending updates as the status has them: one for each change, with its servers. */
  public List<PendingUpdate> toStatus() {
    record Key(ServerUpdate.Change change, UpdateOrigin origin) {}
    Map<Key, List<String>> servers = new LinkedHashMap<>();
    for (ServerUpdate update : pending) {
      for (ServerUpdate.Change change : update.changes()) {
        servers
            .computeIfAbsent(new Key(change, update.origin()), key -> new ArrayList<>())
            .add(update.name());
      }
    }
    return servers.entrySet().stream()
        .map(
            entry ->
                new PendingUpdate(
                    entry.getKey().change().what(),
                    entry.getKey().change().from(),
                    entry.getKey().change().to(),
                    entry.getKey().origin(),
                    entry.getKey().change().reasons(),
                    entry.getValue()))
        .toList();
  }
}
