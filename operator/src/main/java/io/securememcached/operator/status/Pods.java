package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.resource.ActualServers;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads a pod's status. */
public final class Pods {

  /** Reasons of a waiting container that resolve by themselves. */
  private static final Set<String> STARTING = Set.of("ContainerCreating", "PodInitializing");

  private Pods() {}

  /** Whether Services send traffic to this pod. */
  public static boolean isReady(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null && hasCondition(pod, "Ready", "True");
  }

  /** Whether a server is reachable, or will be in a moment: the kubelet reports it with a delay. */
  public static boolean hasAddress(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null && address(pod, 0).isPresent();
  }

  /** Where the server of a pod listens; empty while the pod has no address. */
  public static Optional<ServerAddress> address(Pod pod, int port) {
    return Optional.ofNullable(pod.getStatus())
        .flatMap(status -> Optional.ofNullable(status.getPodIP()))
        .flatMap(ip -> ServerAddress.of(ip, port));
  }

  /**
   * The port at which the server of a pod listens, which may not have restarted since spec.port
   * changed.
   */
  public static int port(SecureMemcached primary, Pod pod) {
    return ServerPods.ports(List.of(pod)).stream()
        .findFirst()
        .orElseGet(() -> primary.getSpec().port());
  }

  /**
   * Whether the server of a pod listens on 127.0.0.1 only, where nobody outside the pod reaches it;
   * it may not have restarted since spec.listen changed.
   */
  public static boolean isLoopback(SecureMemcached primary, Pod pod) {
    return ActualServers.listen(pod.getSpec()).orElseGet(() -> primary.getSpec().listen())
        == Listen.Loopback;
  }

  /** Whether an address in a status is a pod's, on any port. */
  public static boolean isAt(Pod pod, String address) {
    return ServerAddress.parse(address)
        .filter(there -> address(pod, there.port()).equals(Optional.of(there)))
        .isPresent();
  }

  /** Whether the server of a pod runs, ready or not. */
  public static boolean isRunning(Pod pod) {
    return hasAddress(pod)
        && pod.getStatus().getContainerStatuses().stream()
            .anyMatch(
                container ->
                    container.getState() != null && container.getState().getRunning() != null);
  }

  /** When a pod was created. */
  public static Instant createdAt(Pod pod) {
    return Instant.parse(pod.getMetadata().getCreationTimestamp());
  }

  /** Since when a pod is not ready; empty if it is. */
  public static Optional<Instant> unreadySince(Pod pod) {
    return isReady(pod)
        ? Optional.empty()
        : Optional.of(changedAt(pod, "Ready").orElseGet(() -> createdAt(pod)));
  }

  /** Since when Services send traffic to a pod, if they do. */
  public static Optional<Instant> readySince(Pod pod) {
    return isReady(pod) ? changedAt(pod, "Ready") : Optional.empty();
  }

  /**
   * Since when the containers of a pod are not all ready; empty if they are, or if it is unknown.
   */
  static Optional<Instant> containersUnreadySince(Pod pod) {
    return hasCondition(pod, "ContainersReady", "False")
        ? changedAt(pod, "ContainersReady")
        : Optional.empty();
  }

  /** When the container of a pod was started again, if it has ended before. */
  public static Optional<Instant> restartedAt(Pod pod) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getContainerStatuses().stream())
        .filter(container -> container.getRestartCount() != null && container.getRestartCount() > 0)
        .flatMap(Pods::startedAt)
        .max(Instant::compareTo);
  }

  /** Why a scheduled pod can't start, if it is known. */
  public static Optional<String> problem(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .flatMap(status -> waiting(status).stream())
        .findFirst();
  }

  /** Why the node has not resized a pod yet, if it should. */
  static Optional<String> pendingResize(Pod pod) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getConditions().stream())
        .filter(c -> c.getStatus().equals("True"))
        .filter(
            c ->
                c.getType().equals("PodResizePending")
                    || c.getType().equals("PodResizeInProgress") && "Error".equals(c.getReason()))
        .map(c -> c.getReason() + (c.getMessage() == null ? "" : ": " + c.getMessage()))
        .findFirst();
  }

  /** Why a pod is not scheduled yet, as reported by the scheduler. */
  static Optional<String> unschedulable(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .filter(c -> c.getType().equals("PodScheduled") && c.getStatus().equals("False"))
        .map(c -> c.getReason() + ": " + c.getMessage())
        .findFirst();
  }

  private static Optional<String> waiting(ContainerStatus status) {
    return Optional.ofNullable(status.getState())
        .flatMap(state -> Optional.ofNullable(state.getWaiting()))
        .filter(waiting -> !STARTING.contains(waiting.getReason()))
        .map(
            waiting ->
                waiting.getMessage() == null
                    ? waiting.getReason()
                    : waiting.getReason() + ": " + waiting.getMessage());
  }

  /** When a running container was started. */
  static Stream<Instant> startedAt(ContainerStatus container) {
    return Stream.ofNullable(container.getState())
        .flatMap(state -> Stream.ofNullable(state.getRunning()))
        .flatMap(running -> Stream.ofNullable(running.getStartedAt()))
        .map(Instant::parse);
  }

  private static Optional<Instant> changedAt(Pod pod, String type) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getConditions().stream())
        .filter(condition -> condition.getType().equals(type))
        .flatMap(condition -> Stream.ofNullable(condition.getLastTransitionTime()))
        .map(Instant::parse)
        .findFirst();
  }

  private static boolean hasCondition(Pod pod, String type, String status) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals(type) && c.getStatus().equals(status));
  }
}
