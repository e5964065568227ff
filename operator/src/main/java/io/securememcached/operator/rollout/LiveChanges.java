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
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting;
import io.securememcached.operator.resource.ServerSetting.Effect;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.updates.ServerUpdate.Change;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /** Text of Kubernetes' error where a ResourceQuota of the namespace is used up. */
  private static final String NO_QUOTA = "exceeded quota";

  /** No event says that a quota has room again. */
  private static final Duration LATER = Duration.ofMinutes(1);

  /**
   * A server that a quota keeps as it is.
   *
   * @param until when to ask again
   */
  private record Full(String message, Instant until) {}

  /** By pod uid. */
  private final Map<String, Full> full = new ConcurrentHashMap<>();

  /** By pod uid: settings that the API server has rejected. */
  private final Map<String, Map<String, String>> rejected = new ConcurrentHashMap<>();

  /** Applies what differs to each running server. */
  void apply(StatefulSet set, List<Pod> servers, Instant now, KubernetesClient client) {
    AppliedTemplate next = AppliedTemplate.of(set);
    for (Pod pod : servers) {
      List<Change> changes = changes(AppliedTemplate.of(pod), next);
      String uid = pod.getMetadata().getUid();
      if (changes.isEmpty()) {
        full.remove(uid);
      } else if (pod.getMetadata().getDeletionTimestamp() == null
          && !isRejected(set, pod)
          && (!full.containsKey(uid) || !now.isBefore(full.get(uid).until()))) {
        full.remove(uid);
        apply(set, pod, changes, now, client);
      }
    }
  }

  /** What a rollout says where all else is done: a quota may keep servers as they are. */
  Rollout complete(Rollout rollout, List<Pod> servers) {
    List<Full> waiting =
        servers.stream()
            .flatMap(pod -> Stream.ofNullable(full.get(pod.getMetadata().getUid())))
            .toList();
    return rollout.phase() != Rollout.Phase.UP_TO_DATE || waiting.isEmpty()
        ? rollout
        : new Rollout(
            List.of(),
            "",
            Rollout.Phase.UP_TO_DATE,
            waiting.stream().map(Full::message).sorted().collect(Collectors.joining("; ")),
            waiting.stream().map(Full::until).min(Instant::compareTo));
  }

  /** Whether a server gets by a restart alone what others get without one. */
  boolean isRejected(StatefulSet set, Pod pod) {
    return Optional.ofNullable(rejected.get(pod.getMetadata().getUid()))
        .filter(settings -> Optional.of(settings).equals(AppliedTemplate.of(set).settings()))
        .isPresent();
  }

  /** Forgets a deleted pod. */
  void forget(Pod pod) {
    rejected.remove(pod.getMetadata().getUid());
    full.remove(pod.getMetadata().getUid());
  }

  /**
   * What a server gets without a restart. One that restarts for the spec anyway is not resized:
   * less memory may be too little for the cache that it still has.
   */
  private static List<Change> changes(AppliedTemplate now, AppliedTemplate next) {
    boolean restarts =
        !ServerUpdate.settings(now, next, effect -> effect == Effect.RESTART).isEmpty();
    return ServerUpdate.settings(
        now, next, effect -> effect == Effect.LIVE || effect == Effect.IN_PLACE && !restarts);
  }

  private void apply(
      StatefulSet set, Pod pod, List<Change> changes, Instant now, KubernetesClient client) {
    try {
      for (Change change : changes) {
        if (change.what().equals(ServerSetting.RESOURCES.field())) {
          if (removes(change)) {
            reject(set, pod, "a limit or request can't be taken from a running server");
            return;
          }
          resize(set, pod, client);
        }
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
      if (e.getMessage().contains(NO_QUOTA)) {
        // Its successor would not be created either.
        full.put(
            pod.getMetadata().getUid(),
            new Full(pod.getMetadata().getName() + ": " + ApiErrors.message(e), now.plus(LATER)));
        return;
      }
      reject(set, pod, e.getMessage());
    }
  }

  private void reject(StatefulSet set, Pod pod, String why) {
    rejected.put(pod.getMetadata().getUid(), AppliedTemplate.of(set).settings().orElse(Map.of()));
    LOG.atWarn()
        .addKeyValue("namespace", pod.getMetadata().getNamespace())
        .addKeyValue("name", pod.getMetadata().getName())
        .log("Can't change a running server, which is restarted instead: {}", why);
  }

  /** Whether an amount goes: a merge would keep it, and Kubernetes rejects that it is removed. */
  private static boolean removes(Change change) {
    Map<String, Map<String, String>> after = AppliedTemplate.maps(change.to());
    return AppliedTemplate.maps(change.from()).entrySet().stream()
        .anyMatch(
            kind ->
                !after
                    .getOrDefault(kind.getKey(), Map.of())
                    .keySet()
                    .containsAll(kind.getValue().keySet()));
  }

  private static void resize(StatefulSet set, Pod pod, KubernetesClient client) {
    Container next = ActualServers.container(set.getSpec().getTemplate().getSpec()).orElseThrow();
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
