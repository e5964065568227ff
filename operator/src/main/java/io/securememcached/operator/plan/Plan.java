package io.securememcached.operator.plan;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.PlannedServers;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rollout.Permission;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an edited resource would do.
 *
 * @param current the resource as it is; empty if the edit creates it
 * @param changes of the spec
 * @param restarts servers that would have to restart, in this order, with all that they get
 * @param pending what servers have to restart for already, without the edit
 * @param added servers that would be created
 * @param removed servers that would be deleted, in this order
 * @param permission when servers may restart, by the edited resource
 */
public record Plan(
    Optional<SecureMemcached> current,
    SecureMemcached edited,
    List<FieldChange> changes,
    List<ServerUpdate> restarts,
    List<ServerUpdate> pending,
    List<String> added,
    List<String> removed,
    Permission permission) {

  public Plan {
    changes = List.copyOf(changes);
    restarts = List.copyOf(restarts);
    pending = List.copyOf(pending);
    added = List.copyOf(added);
    removed = List.copyOf(removed);
  }

  /** Of a resource that does not exist. */
  public static Plan created(SecureMemcached edited, Instant now) {
    return new Plan(
        Optional.empty(),
        edited,
        List.of(),
        List.of(),
        List.of(),
        Names.servers(edited),
        List.of(),
        new Permission(edited.getSpec().updates(), false, now));
  }

  /**
   * Of an existing resource.
   *
   * @param settings of this operator
   * @param set the resource's StatefulSet, if it exists
   * @param servers the pods of that
   */
  public static Plan changed(
      SecureMemcached current,
      SecureMemcached edited,
      Settings settings,
      Optional<StatefulSet> set,
      List<Pod> servers,
      Instant now) {
    List<String> before = Names.servers(current);
    List<String> after = Names.servers(edited);
    List<Pod> kept =
        servers.stream().filter(pod -> after.contains(pod.getMetadata().getName())).toList();
    Optional<StatefulSet> next = set.map(found -> PlannedServers.of(edited, settings, found));
    return new Plan(
        Optional.of(current),
        edited,
        FieldChange.between(current.getSpec(), edited.getSpec()),
        next.map(planned -> ServerUpdate.all(edited, planned, kept, (pod, effect) -> false))
            .orElse(List.of()),
        set.map(found -> PlannedServers.of(current, settings, found))
            .map(planned -> ServerUpdate.all(current, planned, kept, (pod, effect) -> false))
            .orElse(List.of()),
        after.stream().filter(server -> !before.contains(server)).toList(),
        before.reversed().stream().filter(server -> !after.contains(server)).toList(),
        new Permission(edited.getSpec().updates(), isApproved(edited, next), now));
  }

  private static boolean isApproved(SecureMemcached edited, Optional<StatefulSet> next) {
    return next.map(planned -> AppliedTemplate.of(planned).approvalId())
        .filter(
            id ->
                edited.getMetadata().getAnnotations() != null
                    && id.equals(edited.getMetadata().getAnnotations().get(Rollout.APPROVE)))
        .isPresent();
  }

  /** Whether the edit empties the cache of a server, now or when it is permitted. */
  public boolean losesCaches() {
    return !removed.isEmpty()
        || restarts.stream()
            .anyMatch(update -> Pods.isRunning(update.pod()) && !pending.contains(update));
  }
}
