package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting;
import io.securememcached.operator.resource.ServerSetting.Effect;
import io.securememcached.operator.rollout.Rejections.Retry;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.updates.ServerUpdate.Change;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings to running servers what takes no restart: labels and annotations of their pods, CPU and
 * memory. A server that can't have it restarts instead, like for any other change of the spec.
 */
final class LiveChanges {

  private final Rejections rejections = new Rejections();

  /** Applies what differs to each running server. */
  void apply(StatefulSet set, List<Pod> servers, Instant now, KubernetesClient client) {
    AppliedTemplate next = AppliedTemplate.of(set);
    for (Pod pod : servers) {
      List<Change> changes = changes(AppliedTemplate.of(pod), next);
      Optional<Change> resize = changes.stream().filter(LiveChanges::isResize).findFirst();
      List<Change> others = changes.stream().filter(change -> !isResize(change)).toList();
      if (pod.getMetadata().getDeletionTimestamp() == null) {
        // A resize that is rejected, or waits for a quota, keeps no label back.
        Pod changed = others.isEmpty() ? pod : change(set, pod, others, now, client);
        resize.ifPresent(change -> resize(set, changed, change, now, client));
      }
    }
  }

  /** What a rollout says with what is postponed here: a quota may keep servers as they are. */
  Rollout complete(Rollout rollout, StatefulSet set, List<Pod> servers, Instant now) {
    List<Retry> retries = rejections.retries(set, servers, now);
    String resizes =
        retries.stream()
            .filter(retry -> retry.effect() == Effect.IN_PLACE)
            .map(Retry::message)
            .sorted()
            .collect(Collectors.joining("; "));
    return new Rollout(
        rollout.pending(),
        rollout.id(),
        rollout.phase(),
        rollout.phase() == Rollout.Phase.UP_TO_DATE ? resizes : rollout.detail(),
        Stream.concat(rollout.next().stream(), retries.stream().map(Retry::at))
            .min(Instant::compareTo));
  }

  /**
   * Whether a server gets by a restart alone what others get without one.
   *
   * @param effect of the change
   */
  boolean isRejected(StatefulSet set, Pod pod, Effect effect) {
    return rejections.isFinal(set, pod, effect);
  }

  /** Forgets a deleted pod. */
  void forget(Pod pod) {
    rejections.forget(pod);
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
  private Pod change(
      StatefulSet set, Pod pod, List<Change> changes, Instant now, KubernetesClient client) {
    if (!rejections.isDue(set, pod, Effect.LIVE, now)) {
      return pod;
    }
    try {
      Pod changed = patch(set, pod, changes, client);
      rejections.remove(pod, Effect.LIVE);
      return changed;
    } catch (KubernetesClientException e) {
      failed(e, set, pod, Effect.LIVE, now);
      return pod;
    }
  }

  private void resize(
      StatefulSet set, Pod pod, Change change, Instant now, KubernetesClient client) {
    if (!rejections.isDue(set, pod, Effect.IN_PLACE, now)) {
      return;
    }
    if (Resize.takesRestart(set, pod)) {
      rejections.addFinal(
          set,
          pod,
          Effect.IN_PLACE,
          "only CPU and memory change in a running server, and none of its limits and requests can be removed");
      return;
    }
    try {
      Pod resized = Resize.apply(set, pod, client);
      patch(set, resized, List.of(change), client);
      rejections.remove(pod, Effect.IN_PLACE);
    } catch (KubernetesClientException e) {
      failed(e, set, pod, Effect.IN_PLACE, now);
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

  private void failed(
      KubernetesClientException e, StatefulSet set, Pod pod, Effect effect, Instant now) {
    // It may have changed since, or be deleted; its event comes.
    boolean isStale = e.getCode() == HttpURLConnection.HTTP_CONFLICT || isGone(e, pod);
    if (!isStale && !rejections.add(e, set, pod, effect, now)) {
      throw e;
    }
  }

  /** A cluster without {@code pods/resize} responds with the same code, but names no pod. */
  private static boolean isGone(KubernetesClientException e, Pod pod) {
    return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
        && Optional.ofNullable(e.getStatus())
            .map(Status::getDetails)
            .map(StatusDetails::getName)
            .equals(Optional.of(pod.getMetadata().getName()));
  }
}
