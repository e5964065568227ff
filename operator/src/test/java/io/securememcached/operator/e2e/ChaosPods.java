package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.securememcached.operator.status.Pods;
import java.util.Comparator;
import java.util.List;

/** The servers' pods as last seen, also while the API server does not answer. */
final class ChaosPods implements AutoCloseable {

  private final SharedIndexInformer<Pod> informer;

  ChaosPods(Sandbox sandbox, ChaosHistory history) {
    informer =
        sandbox
            .client()
            .pods()
            .inNamespace(sandbox.namespace())
            .withLabel("securememcached.io/server-of")
            .inform(
                new ResourceEventHandler<>() {
                  @Override
                  public void onAdd(Pod pod) {
                    note(pod, "is there");
                    if (Pods.isReady(pod)) {
                      note(pod, "is ready");
                    }
                  }

                  @Override
                  public void onUpdate(Pod before, Pod pod) {
                    if (Pods.isReady(pod) && !Pods.isReady(before)) {
                      note(pod, "is ready");
                    }
                  }

                  @Override
                  public void onDelete(Pod pod, boolean isUnknown) {
                    note(pod, "is gone");
                  }

                  private void note(Pod pod, String what) {
                    history.note("pod " + pod.getMetadata().getName() + " " + what);
                  }
                });
  }

  /** Those of all resources that have an address and don't end, by name. */
  List<Pod> reachable() {
    return withAddress().stream().filter(Pods::hasAddress).toList();
  }

  /** Those of all resources that have an address, also while they end, by name. */
  List<Pod> withAddress() {
    return informer.getStore().list().stream()
        .filter(pod -> Pods.address(pod, 0).isPresent())
        .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
        .toList();
  }

  /** Those of a resource that clients may use. */
  List<Pod> ready(String resource) {
    return reachable().stream()
        .filter(Pods::isReady)
        .filter(pod -> pod.getMetadata().getName().matches(resource + "-[0-9]+"))
        .toList();
  }

  /** Whether it is the very same pod, whose server has not started again. */
  boolean isSame(Pod before) {
    return ready(before.getMetadata().getLabels().get("securememcached.io/server-of")).stream()
        .anyMatch(
            now ->
                now.getMetadata().getUid().equals(before.getMetadata().getUid())
                    && starts(now) == starts(before));
  }

  /** Whether this very pod is still there, at the same address. */
  boolean isSamePod(Pod before) {
    return withAddress().stream()
        .anyMatch(
            now ->
                now.getMetadata().getUid().equals(before.getMetadata().getUid())
                    && now.getStatus().getPodIP().equals(before.getStatus().getPodIP()));
  }

  private static int starts(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .mapToInt(ContainerStatus::getRestartCount)
        .sum();
  }

  @Override
  public void close() {
    informer.close();
  }
}
