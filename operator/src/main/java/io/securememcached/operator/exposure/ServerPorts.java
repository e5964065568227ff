package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.Mesh;
import io.securememcached.operator.resource.Servers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The servers' ports, and whether a rule covers one of them.
 *
 * @param numbers the port of the spec, and those of pods that a change has not reached yet; in a
 *     mesh its port as well
 * @param names what these ports are called in the pods
 */
record ServerPorts(Set<Integer> numbers, Set<String> names) {

  /** All ports by which connections get to a server: its own, and that of a mesh. */
  static ServerPorts of(AuditInput observed) {
    ServerPorts own = own(observed);
    if (!observed.isInMesh()) {
      return own;
    }
    Set<Integer> numbers = new TreeSet<>(own.numbers);
    numbers.add(Mesh.HBONE_PORT);
    return new ServerPorts(numbers, own.names);
  }

  /** The ports that servers listen on. */
  static ServerPorts own(AuditInput observed) {
    Set<Integer> numbers = new TreeSet<>(Set.of(observed.primary().getSpec().port()));
    List<Pod> pods = observed.serverPods();
    pods.stream()
        .flatMap(pod -> ActualServers.container(pod.getSpec()).stream())
        .forEach(server -> numbers.addAll(CommandLine.ports(server.getArgs())));
    Set<String> names = new HashSet<>(Set.of(Servers.PORT_NAME));
    pods.stream()
        .flatMap(pod -> pod.getSpec().getContainers().stream())
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> port.getName() != null && numbers.contains(port.getContainerPort()))
        .forEach(port -> names.add(port.getName()));
    return new ServerPorts(numbers, names);
  }

  /** Whether a policy rule with these ports covers a server; without ports it does. */
  boolean isOpenedBy(List<NetworkPolicyPort> ports) {
    return ports.isEmpty() || ports.stream().anyMatch(this::isOpenedBy);
  }

  /** Whether a Service with these ports leads to a server; a headless one needs no ports. */
  boolean isServedBy(List<ServicePort> ports) {
    return ports.isEmpty()
        || ports.stream()
            .anyMatch(port -> isTcp(port.getProtocol()) && isTarget(port.getTargetPort(), port));
  }

  /** Whether endpoints with these ports are servers; a port without a number means all ports. */
  boolean isReachedBy(List<EndpointPort> ports) {
    return ports.isEmpty()
        || ports.stream()
            .anyMatch(
                port ->
                    isTcp(port.getProtocol())
                        && (port.getPort() == null || numbers.contains(port.getPort())));
  }

  /** Whether a host port of the node leads to a server. */
  boolean isBoundBy(ContainerPort port) {
    return port.getHostPort() != null
        && port.getHostPort() > 0
        && isTcp(port.getProtocol())
        && numbers.contains(port.getContainerPort());
  }

  private boolean isOpenedBy(NetworkPolicyPort port) {
    if (!isTcp(port.getProtocol())) {
      return false;
    }
    if (port.getPort() == null) {
      return true;
    }
    if (port.getPort().getIntVal() == null) {
      return names.contains(port.getPort().getStrVal());
    }
    int first = port.getPort().getIntVal();
    int last = port.getEndPort() == null ? first : port.getEndPort();
    return numbers.stream().anyMatch(number -> first <= number && number <= last);
  }

  private boolean isTarget(IntOrString target, ServicePort port) {
    if (target == null || Integer.valueOf(0).equals(target.getIntVal())) {
      return numbers.contains(port.getPort());
    }
    return target.getIntVal() == null
        ? names.contains(target.getStrVal())
        : numbers.contains(target.getIntVal());
  }

  /** Kubernetes' default is TCP; servers have no other. */
  private static boolean isTcp(String protocol) {
    return protocol == null || protocol.equals("TCP");
  }
}
