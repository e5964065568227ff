package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting;
import io.securememcached.operator.resource.ServerSetting.Effect;
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

  /**
   * Settings that the API server has rejected.
   *
   * @param effect of the changes that it has rejected: labels and annotations, or a resize
   */
  private record Rejected(String uid, Effect effect) {}

  private final Map<Rejected, Map<String, String>> rejected = new ConcurrentHashMap<>();

  /** Applies what differs to each running server. */
  void apply(StatefulSet set, List<Pod> servers, Instant now, KubernetesClient client) {
    AppliedTemplate next = AppliedTemplate.of(set);
    for (Pod pod : servers) {
      List<Change> changes = changes(AppliedTemplate.of(pod), next);
      Optional<Change> resize = changes.stream().filter(LiveChanges::isResize).findFirst();
      List<Change> others = changes.stream().filter(change -> !isResize(change)).toList();
      if (resize.isEmpty()) {
        full.remove(pod.getMetadata().getUid());
      }
      if (pod.getMetadata().getDeletionTimestamp() == null) {
        // A resize that is rejected, or waits for a quota, keeps no label back.
        Pod changed = others.isEmpty() ? pod : change(set, pod, others, client);
        resize.ifPresent(change -> resize(set, changed, change, now, client));
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

  /**
   * Whether a server gets by a restart alone what others get without one.
   *
   * @param effect of the change
   */
  boolean isRejected(StatefulSet set, Pod pod, Effect effect) {
    return Optional.ofNullable(rejected.get(new Rejected(pod.getMetadata().getUid(), effect)))
        .filter(settings -> Optional.of(settings).equals(AppliedTemplate.of(set).settings()))
        .isPresent();
  }

  /** Forgets a deleted pod. */
  void forget(Pod pod) {
    String uid = pod.getMetadata().getUid();
    rejected.keySet().removeIf(of -> of.uid().equals(uid));
    full.remove(uid);
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

  private static boolean isResize(Change change) {
    return change.what().equals(ServerSetting.RESOURCES.field());
  }

  /** Labels and annotations; returns the pod as it is then. */
  private Pod change(StatefulSet set, Pod pod, List<Change> changes, KubernetesClient client) {
    if (isRejected(set, pod, Effect.LIVE)) {
      return pod;
    }
    try {
      return patch(set, pod, changes, client);
    } catch (KubernetesClientException e) {
      failed(e, set, pod, Effect.LIVE);
      return pod;
    }
  }

  private void resize(
      StatefulSet set, Pod pod, Change change, Instant now, KubernetesClient client) {
    String uid = pod.getMetadata().getUid();
    boolean waits = full.containsKey(uid) && now.isBefore(full.get(uid).until());
    if (waits || isRejected(set, pod, Effect.IN_PLACE)) {
      return;
    }
    full.remove(uid);
    if (Resize.takesRestart(set, pod)) {
      reject(
          set,
          pod,
          Effect.IN_PLACE,
          "only CPU and memory change in a running server, and none of its limits and requests can be removed");
      return;
    }
    try {
      Resize.apply(set, pod, client);
      patch(set, pod, List.of(change), client);
    } catch (KubernetesClientException e) {
      if (REJECTED.contains(e.getCode()) && e.getMessage().contains(NO_QUOTA)) {
        // Its successor would not be created either.
        full.put(
            uid,
            new Full(pod.getMetadata().getName() + ": " + ApiErrors.message(e), now.plus(LATER)));
        return;
      }
      failed(e, set, pod, Effect.IN_PLACE);
    }
  }

  private static Pod patch(
      StatefulSet set, Pod pod, List<Change> changes, KubernetesClient client) {
    return client
        .resource(pod)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(LivePatch.of(set, pod, changes)));
  }

  private void failed(KubernetesClientException e, StatefulSet set, Pod pod, Effect effect) {
    if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || isGone(e, pod)) {
      // It has changed since, or was deleted; its event comes.
      return;
    }
    if (!REJECTED.contains(e.getCode())) {
      throw e;
    }
    reject(set, pod, effect, e.getMessage());
  }

  /** A cluster without {@code pods/resize} responds with the same code, but names no pod. */
  private static boolean isGone(KubernetesClientException e, Pod pod) {
    return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
        && Optional.ofNullable(e.getStatus())
            .map(Status::getDetails)
            .map(StatusDetails::getName)
            .equals(Optional.of(pod.getMetadata().getName()));
  }

  private void reject(StatefulSet set, Pod pod, Effect effect, String why) {
    rejected.put(
        new Rejected(pod.getMetadata().getUid(), effect),
        AppliedTemplate.of(set).settings().orElse(Map.of()));
    LOG.atWarn()
        .addKeyValue("namespace", pod.getMetadata().getNamespace())
        .addKeyValue("name", pod.getMetadata().getName())
        .log("Can't change a running server, which is restarted instead: {}", why);
  }
}
