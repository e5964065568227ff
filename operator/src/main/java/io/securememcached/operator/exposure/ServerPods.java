package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.resource.Servers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The servers' pods, and how to tell them from others that carry their label. */
public final class ServerPods {

  private ServerPods() {}

  /**
   * Whether a pod with the servers' label is a server. A StatefulSet's pods have its name and a
   * number, and it as their controller; one without a controller it takes over when it comes back
   * from a deletion that left the pods.
   */
  public static boolean isServer(SecureMemcached primary, Pod pod) {
    String set = primary.getMetadata().getName();
    String name = pod.getMetadata().getName();
    return name.startsWith(set + "-")
        && name.substring(set.length() + 1).matches("\\d+")
        && pod.getMetadata().getOwnerReferences().stream()
            .filter(owner -> Boolean.TRUE.equals(owner.getController()))
            .allMatch(owner -> isSet(owner, set));
  }

  /** Whether containers of the pod run or may still start. */
  static boolean isAlive(Pod pod) {
    return pod.getStatus() == null
        || !Set.of("Succeeded", "Failed").contains(String.valueOf(pod.getStatus().getPhase()));
  }

  static Map<String, String> labels(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
  }

  /** The container with the server. */
  static Optional<Container> server(PodSpec spec) {
    return spec.getContainers().stream()
        .filter(container -> container.getName().equals(Servers.PORT_NAME))
        .findFirst();
  }

  /** IPv4 and IPv6 addresses of pods; none for a pod that has not started. */
  static Set<String> addresses(List<Pod> pods) {
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

  private static boolean isSet(OwnerReference owner, String name) {
    return owner.getKind().equals("StatefulSet") && owner.getName().equals(name);
  }
}
