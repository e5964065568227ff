package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.Listen;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads StatefulSets and pods as they are; {@link Servers} says how they should be. */
public final class ActualServers {

  /** Label of the StatefulSet controller. */
  private static final String REVISION = "controller-revision-hash";

  private ActualServers() {}

  /** memcached's container; none in a foreign pod, or in one without a spec. */
  public static Optional<Container> container(PodSpec spec) {
    return Stream.ofNullable(spec)
        .flatMap(pod -> pod.getContainers().stream())
        .filter(container -> container.getName().equals(Servers.CONTAINER_NAME))
        .findFirst();
  }

  /** Name of the template's revision that a pod was created from; set by the controller. */
  public static Optional<String> revision(Pod pod) {
    return Optional.ofNullable(pod.getMetadata().getLabels())
        .map(labels -> labels.get(REVISION))
        .filter(name -> !name.isEmpty());
  }

  /** Whether the controller has observed the present spec, so that the status describes it. */
  public static boolean isObserved(StatefulSet set) {
    return set.getStatus() != null
        && Objects.equals(
            set.getStatus().getObservedGeneration(), set.getMetadata().getGeneration());
  }

  /** The port at which a server of a pod listens; none without a named port. */
  public static Optional<Integer> port(PodSpec spec) {
    return container(spec).stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> Servers.PORT_NAME.equals(port.getName()))
        .map(ContainerPort::getContainerPort)
        .findFirst();
  }

  /** Where a server of a pod listens; empty where its command line does not say. */
  public static Optional<Listen> listen(PodSpec spec) {
    return container(spec).flatMap(container -> MemcachedArguments.listen(container.getArgs()));
  }
}
