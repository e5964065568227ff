package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.IntendedTraffic;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Mesh;
import io.securememcached.operator.resource.Ownership;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Input of an exposure audit.
 *
 * @param desired the children as {@code resource.Children} builds them
 * @param servers the StatefulSet as it is, after this reconciliation has applied it
 * @param pods all pods with the label {@link Labels#SERVER_OF} of this resource, foreign ones
 *     included
 * @param revisions what is known of the StatefulSet's earlier templates, by name of the revision
 * @param intended traffic that the administrator allows foreign policies to open; entries for other
 *     namespaces are dropped
 * @param mesh the mesh whose traffic the operator's policies let through
 */
public record AuditInput(
    SecureMemcached primary,
    List<HasMetadata> desired,
    Optional<StatefulSet> servers,
    List<Pod> pods,
    ForeignObjects foreign,
    Map<String, TemplateRevision> revisions,
    List<IntendedTraffic> intended,
    Mesh mesh) {

  public AuditInput {
    intended =
        intended.stream()
            .filter(traffic -> traffic.isFor(primary.getMetadata().getNamespace()))
            .toList();
    desired = List.copyOf(desired);
    pods = List.copyOf(pods);
    revisions = Map.copyOf(revisions);
  }

  /** The same, once the earlier templates were read. */
  public AuditInput with(Map<String, TemplateRevision> read) {
    return new AuditInput(primary, desired, servers, pods, foreign, read, intended, mesh);
  }

  /** What is known of an earlier template. */
  TemplateRevision revision(String name) {
    return revisions.getOrDefault(name, new TemplateRevision.Unknown("was not read"));
  }

  /** The servers' pods: neither impostors nor terminated ones. */
  List<Pod> serverPods() {
    return pods.stream().filter(pod -> !isImpostor(pod)).filter(ServerPods::isAlive).toList();
  }

  /**
   * Whether a mesh delivers connections to the servers: because the administrator says so, or
   * because it has taken in one of their pods.
   */
  boolean isInMesh() {
    return !mesh.ports().isEmpty()
        || serverPods().stream().anyMatch(pod -> Mesh.redirects(pod.getMetadata()));
  }

  /** Whether a pod is neither a server nor a terminating one. */
  boolean isImpostor(Pod pod) {
    return ServerPods.role(primary, servers, pod) == ServerPods.Role.IMPOSTOR;
  }

  /** The objects that are in this namespace and not children of this resource. */
  <T extends HasMetadata> List<T> others(Collection<T> objects) {
    return objects.stream().filter(this::isInNamespace).filter(object -> !isChild(object)).toList();
  }

  boolean isInNamespace(HasMetadata object) {
    return primary.getMetadata().getNamespace().equals(object.getMetadata().getNamespace());
  }

  /** Names of the operator's Services. */
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
   * Whether the operator manages this object. It is owned by this resource, and has either the name
   * of a desired child, whose drift the operator corrects, or the operator's labels, by which it is
   * pruned when superfluous; a cache may still hold it for a moment then. Except for policies,
   * labels without the owner are a foreign copy.
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
