package io.securememcached.operator.plan;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.PlannedServers;
import io.securememcached.operator.resource.ServerSetting.Effect;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rollout.Permission;
import io.securememcached.operator.rollout.Resize;
import io.securememcached.operator.rollout.SecurityUpdates;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

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
 * @param limit of the whole cluster
 */
public record Plan(
    Optional<SecureMemcached> current,
    SecureMemcached edited,
    List<FieldChange> changes,
    List<ServerUpdate> restarts,
    List<ServerUpdate> pending,
    List<String> added,
    List<String> removed,
    Permission permission,
    ClusterLimit limit) {

  public Plan {
    changes = List.copyOf(changes);
    restarts = List.copyOf(restarts);
    pending = List.copyOf(pending);
    added = List.copyOf(added);
    removed = List.copyOf(removed);
  }

  /** Of a resource that does not exist. */
  public static Plan created(SecureMemcached edited, ClusterLimit limit, Instant now) {
    return new Plan(
        Optional.empty(),
        edited,
        List.of(),
        List.of(),
        List.of(),
        Names.servers(edited),
        List.of(),
        new Permission(edited.getSpec().updates(), false, now),
        limit);
  }

  /**
   * Of an existing resource.
   *
   * @param settings of this operator
   * @param set the resource's StatefulSet, if it exists
   * @param servers the pods of that
   * @param limit of this operator
   */
  public static Plan changed(
      SecureMemcached current,
      SecureMemcached edited,
      Settings settings,
      Optional<StatefulSet> set,
      List<Pod> servers,
      ClusterLimit limit,
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
        next.map(planned -> updates(current, edited, planned, kept)).orElse(List.of()),
        set.map(found -> PlannedServers.of(current, settings, found))
            .map(planned -> updates(current, current, planned, kept))
            .orElse(List.of()),
        after.stream().filter(server -> !before.contains(server)).toList(),
        before.reversed().stream().filter(server -> !after.contains(server)).toList(),
        new Permission(edited.getSpec().updates(), isApproved(edited, next), now),
        limit);
  }

  /** With the known vulnerabilities that they close, by the versions in the status. */
  private static List<ServerUpdate> updates(
      SecureMemcached current, SecureMemcached resource, StatefulSet planned, List<Pod> servers) {
    Map<String, String> versions =
        current.getStatus().servers().stream()
            .collect(
                Collectors.toMap(
                    ServerStatus::name, server -> server.version().text(), (one, other) -> one));
    return SecurityUpdates.marked(
        ServerUpdate.all(
            resource,
            planned,
            servers,
            (pod, effect) -> effect == Effect.IN_PLACE && Resize.takesRestart(planned, pod)),
        pod -> Optional.ofNullable(versions.get(pod.getMetadata().getName())),
        resource.getSpec().image().reference());
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
