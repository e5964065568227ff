package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.IntendedTraffic;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Ownership;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one audit looks at.
 *
 * @param desired the children as {@code resource.Children} wants them
 * @param servers the StatefulSet as it is, after this pass has written it
 * @param pods all pods with the label {@link Labels#SERVER_OF} of this resource, whoever made them
 * @param intended what the administrator lets foreign policies open; those of other namespaces are
 *     left out
 */
public record Observed(
    SecureMemcached primary,
    List<HasMetadata> desired,
    Optional<StatefulSet> servers,
    List<Pod> pods,
    ForeignObjects foreign,
    List<IntendedTraffic> intended) {

  public Observed {
    intended =
        intended.stream()
            .filter(traffic -> traffic.isFor(primary.getMetadata().getNamespace()))
            .toList();
    desired = List.copyOf(desired);
    pods = List.copyOf(pods);
  }

  /** The servers' pods: neither impostors nor those whose containers have ended. */
  List<Pod> serverPods() {
    return pods.stream().filter(pod -> !isImpostor(pod)).filter(ServerPods::isAlive).toList();
  }

  /** Whether a pod is neither a server nor one that ends. */
  boolean isImpostor(Pod pod) {
    return ServerPods.role(primary, servers, pod) == ServerPods.Role.IMPOSTOR;
  }

  /** Of a list of objects those that are in this namespace and not this resource's children. */
  <T extends HasMetadata> List<T> others(Collection<T> objects) {
    return objects.stream().filter(this::isInNamespace).filter(object -> !isChild(object)).toList();
  }

  boolean isInNamespace(HasMetadata object) {
    return primary.getMetadata().getNamespace().equals(object.getMetadata().getNamespace());
  }

  /** Names of the Services that the operator makes. */
  Set<String> ownServices() {
    return desired.stream()
        .filter(Service.class::isInstance)
        .map(service -> service.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  StatefulSet desiredServers() {
    return desired.stream()
        .filter(StatefulSet.class::isInstance)
        .map(StatefulSet.class::cast)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Whether the operator keeps this object as it should be. It is this resource's, and has a wanted
   * name, which the operator repairs, or the operator's labels, for which it deletes the object
   * when no longer wanted; a cache may still hold it for a moment then. But for policies, labels
   * without the owner are somebody's copy.
   */
  private boolean isChild(HasMetadata object) {
    boolean isOwned =
        object instanceof NetworkPolicy
            ? Ownership.isOwned(primary, object)
            : object.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getUid().equals(primary.getMetadata().getUid()));
    return isOwned
        && (Labels.isChildOf(primary, object) && Ownership.isPrunable(primary, object)
            || desired.stream().anyMatch(child -> id(child).equals(id(object))));
  }

  private static String id(HasMetadata object) {
    return object.getKind() + "/" + object.getMetadata().getName();
  }
}
