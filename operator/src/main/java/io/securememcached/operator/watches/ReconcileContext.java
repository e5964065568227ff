package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.zones.LoadedList;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one reconciliation looks at, read once: all its steps see the same pods and the same time.
 *
 * @param primary with the CIDRs of {@code lists} in place of these
 * @param set the StatefulSet as last seen or applied; empty if there is none, or a foreign one
 * @param labelledPods all pods with the servers' label, whoever created them
 * @param lists of CIDRs in ConfigMaps that its zones use
 * @param now by the operator's clock
 * @param framework has the client, and what a comparison with the desired state takes
 */
public record ReconcileContext(
    SecureMemcached primary,
    Optional<StatefulSet> set,
    List<Pod> labelledPods,
    List<LoadedList> lists,
    Instant now,
    Context<SecureMemcached> framework) {

  /** Keeps copies of the lists. */
  public ReconcileContext {
    labelledPods = List.copyOf(labelledPods);
    lists = List.copyOf(lists);
  }

  /** The same, once the StatefulSet was read by name, or applied. */
  public ReconcileContext with(Optional<StatefulSet> found) {
    return new ReconcileContext(primary, found, labelledPods, lists, now, framework);
  }

  /** The same at a later time: what was done so far may have taken a while. */
  public ReconcileContext at(Instant later) {
    return new ReconcileContext(primary, set, labelledPods, lists, later, framework);
  }

  public KubernetesClient client() {
    return framework.getClient();
  }

  public String namespace() {
    return primary.getMetadata().getNamespace();
  }

  /** The servers: the pods that may be checked. */
  public List<Pod> servers() {
    return pods(Set.of(ServerPods.Role.SERVER));
  }

  /** Servers that are above the number of replicas, or of an earlier StatefulSet, and terminate. */
  public List<Pod> terminating() {
    return pods(Set.of(ServerPods.Role.TERMINATING));
  }

  /** The servers, and those that terminate. */
  public List<Pod> pods() {
    return pods(Set.of(ServerPods.Role.SERVER, ServerPods.Role.TERMINATING));
  }

  /** Anybody who may create a pod can give it the label, and would be sent logins. */
  private List<Pod> pods(Set<ServerPods.Role> roles) {
    return labelledPods.stream()
        .filter(pod -> roles.contains(ServerPods.role(primary, set, pod)))
        .toList();
  }
}
