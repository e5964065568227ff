package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Servers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The servers' pods, and how to distinguish them from foreign pods with their label. */
public final class ServerPods {

  private ServerPods() {}

  /** What a pod with the servers' label is. */
  public enum Role {
    /** A requested server: it is checked and gets logins. */
    SERVER,
    /** A former server that terminates: it is counted, but no longer checked. */
    TERMINATING,
    /** A foreign pod, to which the Services send clients nevertheless. */
    IMPOSTOR
  }

  /**
   * Role of a pod with the servers' label. Anyone who may create pods chooses name, labels and
   * owners; the StatefulSet controller itself decides by the uid of the controller reference and by
   * a number that Kubernetes would assign. It adopts pods without a controller, deletes those with
   * too high a number, and ignores those with an invalid one.
   *
   * @param servers the resource's StatefulSet, if there is one
   */
  public static Role role(SecureMemcached primary, Optional<StatefulSet> servers, Pod pod) {
    OptionalInt ordinal = Names.ordinal(primary, pod.getMetadata().getName());
    Optional<OwnerReference> controller =
        pod.getMetadata().getOwnerReferences().stream()
            .filter(owner -> Boolean.TRUE.equals(owner.getController()))
            .findFirst();
    if (ordinal.isEmpty() || controller.isEmpty()) {
      return Role.IMPOSTOR;
    }
    boolean isOfSet =
        servers
            .map(set -> set.getMetadata().getUid())
            .filter(uid -> uid.equals(controller.get().getUid()))
            .isPresent();
    if (isOfSet) {
      return ordinal.getAsInt() < primary.getSpec().replicas() ? Role.SERVER : Role.TERMINATING;
    }
    return isOfEarlierSet(primary, controller.get()) && endsSoon(pod)
        ? Role.TERMINATING
        : Role.IMPOSTOR;
  }

  /** Of a deleted StatefulSet of this name, perhaps of an earlier resource. */
  private static boolean isOfEarlierSet(SecureMemcached primary, OwnerReference controller) {
    return controller.getKind().equals("StatefulSet")
        && controller.getName().equals(primary.getMetadata().getName());
  }

  /** Within a server's grace period; a foreign pod could claim to terminate and stay for years. */
  static boolean endsSoon(Pod pod) {
    Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
    return pod.getMetadata().getDeletionTimestamp() != null
        && grace != null
        && grace <= Servers.GRACE_PERIOD;
  }

  /** Whether containers of the pod run or may still start. */
  static boolean isAlive(Pod pod) {
    return pod.getStatus() == null
        || !Set.of("Succeeded", "Failed").contains(String.valueOf(pod.getStatus().getPhase()));
  }

  static Map<String, String> labels(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
  }

  /** Ports by number that a policy allows. */
  public static Set<Integer> ports(NetworkPolicy policy) {
    return policy.getSpec().getIngress().stream()
        .flatMap(rule -> rule.getPorts().stream())
        .flatMap(port -> Stream.ofNullable(port.getPort()))
        .flatMap(port -> Stream.ofNullable(port.getIntVal()))
        .collect(Collectors.toSet());
  }

  /** Ports of the running servers, whatever the spec says; a pod without a named port has none. */
  public static Set<Integer> ports(List<Pod> servers) {
    return servers.stream()
        .filter(ServerPods::isAlive)
        .flatMap(pod -> Stream.ofNullable(pod.getSpec()))
        .flatMap(spec -> ActualServers.port(spec).stream())
        .collect(Collectors.toSet());
  }

  /** IPv4 and IPv6 addresses of pods, in canonical form; none for a pod that has not started. */
  public static Set<String> addresses(List<Pod> pods) {
    return pods.stream()
        .filter(pod -> pod.getStatus() != null)
        .flatMap(
            pod ->
                Stream.concat(
                    Stream.ofNullable(pod.getStatus().getPodIP()),
                    pod.getStatus().getPodIPs().stream().map(PodIP::getIp)))
        .map(ServerAddress::canonical)
        .collect(Collectors.toSet());
  }
}
