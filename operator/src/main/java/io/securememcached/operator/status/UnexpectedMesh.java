package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.resource.Mesh;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Servers that a mesh has taken in, by the label of a namespace, though its traffic is denied. */
final class UnexpectedMesh {

  private UnexpectedMesh() {}

  /**
   * What to do about such a server; empty if there is none, or the administrator allows it. Starts
   * with a blank.
   */
  static String note(StatusInput facts) {
    return first(facts, pod -> true).map(text -> " " + text).orElse("");
  }

  /**
   * As {@link #note}, without the blank, of a server that fails because of it: it was started
   * again, or was ready and is not now. One that starts for the first time may just need its
   * second.
   */
  static Optional<String> failing(StatusInput facts) {
    return first(
        facts,
        pod ->
            containers(pod)
                .anyMatch(
                    status -> !Boolean.TRUE.equals(status.getReady()) && failed(pod, status)));
  }

  private static Optional<String> first(StatusInput facts, Predicate<Pod> which) {
    if (facts.settings().mesh() != Mesh.None) {
      return Optional.empty();
    }
    return facts.pods().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> Mesh.redirects(pod.getMetadata()))
        .filter(which)
        .map(pod -> pod.getMetadata().getName())
        .min(Comparator.naturalOrder())
        .map(
            pod ->
                pod
                    + " is in Istio's ambient mesh, whose traffic the NetworkPolicies drop. Label the pods istio.io/dataplane-mode: none in spec.pod.labels, or ask the administrator for the operator's setting mesh; see docs/meshes.md.");
  }

  private static boolean failed(Pod pod, ContainerStatus status) {
    return Optional.ofNullable(status.getRestartCount()).filter(count -> count > 0).isPresent()
        || Pods.startedAt(status)
            .anyMatch(
                started ->
                    Pods.containersUnreadySince(pod)
                        .filter(since -> since.isAfter(started))
                        .isPresent());
  }

  private static Stream<ContainerStatus> containers(Pod pod) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getContainerStatuses().stream());
  }
}
