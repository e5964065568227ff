package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting.Effect;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.updates.ServerUpdate.Change;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings to running servers what takes no restart: labels and annotations of their pods, CPU and
 * memory. A server that can't have it restarts instead, like for any other change of the spec.
 */
final class LiveChanges {

  private static final Logger LOG = LoggerFactory.getLogger(LiveChanges.class);

  /** The cluster has no {@code pods/resize}, or does not allow this resize. */
  private static final Set<Integer> REJECTED =
      Set.of(
          HttpURLConnection.HTTP_BAD_REQUEST,
          HttpURLConnection.HTTP_FORBIDDEN,
          HttpURLConnection.HTTP_NOT_FOUND,
          HttpURLConnection.HTTP_BAD_METHOD,
          ApiErrors.UNPROCESSABLE);

  /** By pod uid: settings that the API server has rejected. */
  private final Map<String, Map<String, String>> rejected = new ConcurrentHashMap<>();

  /** Applies what differs to each running server. */
  void apply(StatefulSet set, List<Pod> servers, KubernetesClient client) {
    for (Pod pod : servers) {
      List<Change> changes = changes(set, pod);
      if (!changes.isEmpty()
          && pod.getMetadata().getDeletionTimestamp() == null
          && !isRejected(set, pod)) {
        apply(set, pod, changes, client);
      }
    }
  }

  /** Whether a server gets by a restart alone what others get without one. */
  boolean isRejected(StatefulSet set, Pod pod) {
    return AppliedTemplate.of(set)
        .settings()
        .equals(Optional.ofNullable(rejected.get(pod.getMetadata().getUid())));
  }

  /** Forgets a deleted pod. */
  void forget(Pod pod) {
    rejected.remove(pod.getMetadata().getUid());
  }

  /**
   * What a server gets without a restart. One that restarts for the spec anyway is not resized:
   * less memory may be too little for the cache that it still has.
   */
  private static List<Change> changes(StatefulSet set, Pod pod) {
    AppliedTemplate now = AppliedTemplate.of(pod);
    AppliedTemplate next = AppliedTemplate.of(set);
    boolean restarts =
        !ServerUpdate.settings(now, next, effect -> effect == Effect.RESTART).isEmpty();
    return ServerUpdate.settings(
        now, next, effect -> effect == Effect.LIVE || effect == Effect.IN_PLACE && !restarts);
  }

  private void apply(StatefulSet set, Pod pod, List<Change> changes, KubernetesClient client) {
    try {
      if (changes.stream().anyMatch(change -> change.what().equals("resources"))) {
        resize(set, pod, client);
      }
      client
          .resource(pod)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              client.getKubernetesSerialization().asJson(LivePatch.of(set, pod, changes)));
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        // It has changed since; its event comes.
        return;
      }
      if (!REJECTED.contains(e.getCode())) {
        throw e;
      }
      rejected.put(pod.getMetadata().getUid(), AppliedTemplate.of(set).settings().orElse(Map.of()));
      LOG.atWarn()
          .addKeyValue("namespace", pod.getMetadata().getNamespace())
          .addKeyValue("name", pod.getMetadata().getName())
          .log("Can't change a running server, which is restarted instead: {}", e.getMessage());
    }
  }

  private static void resize(StatefulSet set, Pod pod, KubernetesClient client) {
    Container next =
        set.getSpec().getTemplate().getSpec().getContainers().stream()
            .filter(container -> container.getName().equals(Servers.CONTAINER_NAME))
            .findFirst()
            .orElseThrow();
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
            .withResources(next.getResources())
            .endContainer()
            .endSpec()
            .build();
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
  }
}
