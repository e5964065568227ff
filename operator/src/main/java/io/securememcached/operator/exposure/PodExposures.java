package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.securememcached.operator.resource.Servers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Pods that share more with their node or with other containers than the operator specifies. */
final class PodExposures {

  private PodExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    ServerPorts ports = ServerPorts.of(observed);
    return observed.serverPods().stream()
        .flatMap(
            pod ->
                Stream.of(hostNamespaces(pod), hostPorts(pod, ports), containers(pod))
                    .flatMap(found -> found));
  }

  private static Stream<Exposure> hostNamespaces(Pod pod) {
    PodSpec spec = pod.getSpec();
    Map<String, Boolean> shared = new LinkedHashMap<>();
    shared.put("hostNetwork", spec.getHostNetwork());
    shared.put("hostPID", spec.getHostPID());
    shared.put("hostIPC", spec.getHostIPC());
    List<String> fields =
        shared.entrySet().stream()
            .filter(field -> Boolean.TRUE.equals(field.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (fields.isEmpty()) {
      return Stream.of();
    }
    return Stream.of(
        exposure(
            Kind.HOST_NAMESPACE,
            pod,
            "uses "
                + String.join(" and ", fields)
                + (fields.contains("hostNetwork")
                    ? ", so no NetworkPolicy applies to it"
                    : ", so it shares processes or memory with its node")
                + "; find the admission webhook that sets this, exclude this namespace from it, and delete the pod"));
  }

  private static Stream<Exposure> hostPorts(Pod pod, ServerPorts ports) {
    if (Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
      // The API server then sets a host port for each port: report one finding, not two.
      return Stream.of();
    }
    return pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(ports::isBoundBy)
        .map(ContainerPort::getHostPort)
        .map(
            port ->
                exposure(
                    Kind.HOST_PORT,
                    pod,
                    "is reachable through host port "
                        + port
                        + " of its node; find the admission webhook that sets hostPort, exclude this namespace from it, and delete the pod"));
  }

  /** By name, not by the template: others may have changed that of a paused resource. */
  private static Stream<Exposure> containers(Pod pod) {
    PodSpec spec = pod.getSpec();
    return Stream.of(
            foreign(pod, "container", names(spec.getContainers()), Set.of(Servers.CONTAINER_NAME)),
            foreign(pod, "init container", names(spec.getInitContainers()), Set.of()),
            foreign(
                pod,
                "ephemeral container",
                spec.getEphemeralContainers().stream()
                    .map(EphemeralContainer::getName)
                    .collect(Collectors.toSet()),
                Set.of()))
        .flatMap(found -> found);
  }

  private static Set<String> names(List<Container> containers) {
    return containers.stream().map(Container::getName).collect(Collectors.toSet());
  }

  private static Stream<Exposure> foreign(
      Pod pod, String what, Set<String> names, Set<String> ours) {
    return names.stream()
        .filter(name -> !ours.contains(name))
        .map(
            name ->
                exposure(
                    Kind.FOREIGN_CONTAINER,
                    pod,
                    "has the foreign "
                        + what
                        + " "
                        + name
                        + ", which bypasses every NetworkPolicy by reaching the server on 127.0.0.1; unless you trust it, disable its injection for this namespace, and delete the pod"));
  }

  private static Exposure exposure(Kind kind, Pod pod, String detail) {
    return new Exposure(kind, "Pod " + pod.getMetadata().getName(), detail);
  }
}
