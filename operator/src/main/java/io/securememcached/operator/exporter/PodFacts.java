package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.Labels;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What the exporter keeps of a pod with the servers' label.
 *
 * @param serverOf value of that label
 * @param statefulSet name of the controlling StatefulSet; empty for another controller
 * @param address of the server; empty while it has none, and for a pod that ends or has ended, as
 *     another pod may get its address
 * @param listen where the server listens; empty where its command line does not say
 */
record PodFacts(
    String namespace,
    String name,
    String uid,
    String serverOf,
    String statefulSet,
    Optional<ServerAddress> address,
    Optional<Listen> listen) {

  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  static PodFacts of(Pod pod) {
    return new PodFacts(
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        pod.getMetadata().getUid(),
        Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.<String, String>of())
            .getOrDefault(Labels.SERVER_OF, ""),
        pod.getMetadata().getOwnerReferences().stream()
            .filter(
                owner ->
                    Boolean.TRUE.equals(owner.getController())
                        && owner.getKind().equals("StatefulSet")
                        && owner.getApiVersion().startsWith("apps/"))
            .map(OwnerReference::getName)
            .findFirst()
            .orElse(""),
        address(pod),
        ActualServers.listen(pod.getSpec()));
  }

  private static Optional<ServerAddress> address(Pod pod) {
    PodStatus status = pod.getStatus();
    if (status == null
        || status.getPodIP() == null
        || pod.getMetadata().getDeletionTimestamp() != null
        || ENDED.contains(String.valueOf(status.getPhase()))) {
      return Optional.empty();
    }
    return ActualServers.port(pod.getSpec())
        .flatMap(port -> ServerAddress.of(status.getPodIP(), port));
  }
}
