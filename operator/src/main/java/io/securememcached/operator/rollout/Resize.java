package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting.Effect;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.updates.ServerUpdate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes CPU and memory of a running server. */
public final class Resize {

  /** What Kubernetes changes in a running container. */
  private static final Set<String> RESIZABLE = Set.of("cpu", "memory");

  private static final Logger LOG = LoggerFactory.getLogger(Resize.class);

  private Resize() {}

  /**
   * Whether a server gets changed resources by a restart alone, on any cluster: an amount goes, or
   * one changes that is neither CPU nor memory.
   */
  public static boolean takesRestart(StatefulSet set, Pod pod) {
    PodSpec next = set.getSpec().getTemplate().getSpec();
    return ServerUpdate.settings(
            AppliedTemplate.of(pod), AppliedTemplate.of(set), effect -> effect == Effect.IN_PLACE)
        .stream()
        .map(change -> AppliedTemplate.maps(change.from()))
        .anyMatch(
            recorded ->
                takesRestart(
                        recorded.getOrDefault("limits", Map.of()),
                        amounts(pod.getSpec(), ResourceRequirements::getLimits),
                        amounts(next, ResourceRequirements::getLimits))
                    || takesRestart(
                        recorded.getOrDefault("requests", Map.of()),
                        amounts(pod.getSpec(), ResourceRequirements::getRequests),
                        amounts(next, ResourceRequirements::getRequests)));
  }

  /**
   * Compares amounts.
   *
   * @param recorded those of the spec that the pod was created from; a LimitRange may have added
   *     others to the pod
   * @param next those of the template, which has CPU and memory also where the spec leaves them out
   */
  private static boolean takesRestart(
      Map<String, String> recorded, Map<String, Quantity> now, Map<String, Quantity> next) {
    // A merge would keep the amount, and Kubernetes rejects that it is removed.
    return !next.keySet().containsAll(recorded.keySet())
        || next.entrySet().stream()
            .filter(amount -> !RESIZABLE.contains(amount.getKey()))
            .anyMatch(amount -> !amount.getValue().equals(now.get(amount.getKey())));
  }

  private static Map<String, Quantity> amounts(
      PodSpec pod, Function<ResourceRequirements, Map<String, Quantity>> kind) {
    return ActualServers.container(pod).map(Container::getResources).map(kind).orElse(Map.of());
  }

  /** Resizes a server; returns its pod as it is then. */
  static Pod apply(StatefulSet set, Pod pod, KubernetesClient client) {
    Optional<Container> next = ActualServers.container(set.getSpec().getTemplate().getSpec());
    Pod resized =
        new PodBuilder()
            .withNewMetadata()
            .withName(pod.getMetadata().getName())
            .withNamespace(pod.getMetadata().getNamespace())
            .withUid(pod.getMetadata().getUid())
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName(Servers.CONTAINER_NAME)
            .withResources(next.orElseThrow().getResources())
            .endContainer()
            .endSpec()
            .build();
    Pod after =
        client
            .resource(pod)
            .subresource("resize")
            .patch(
                PatchContext.of(PatchType.STRATEGIC_MERGE),
                client.getKubernetesSerialization().asJson(resized));
    LOG.atInfo()
        .addKeyValue("namespace", pod.getMetadata().getNamespace())
        .addKeyValue("name", pod.getMetadata().getName())
        .log("Resized server");
    return after;
  }
}
