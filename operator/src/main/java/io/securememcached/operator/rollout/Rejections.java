package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting.Effect;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the API server has rejected of the changes to running servers, and when to ask it again. */
final class Rejections {

  private static final Logger LOG = LoggerFactory.getLogger(Rejections.class);

  /** The cluster does not allow the change. */
  private static final Set<Integer> FINAL =
      Set.of(
          HttpURLConnection.HTTP_BAD_REQUEST,
          HttpURLConnection.HTTP_BAD_METHOD,
          ApiErrors.UNPROCESSABLE);

  /**
   * The operator has no right to the change, or the cluster no {@code pods/resize}; an API server
   * that has just started, or is older than the others, rejects also what is allowed a moment
   * later.
   */
  private static final Set<Integer> MAY_PASS =
      Set.of(HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_NOT_FOUND);

  /** Consecutive rejections that may pass; the last one is final. */
  private static final int TRIES = 4;

  /** No event says that the API server allows it now. */
  private static final Duration SOON = Duration.ofSeconds(2);

  /** Text of Kubernetes' error where a ResourceQuota of the namespace is used up. */
  private static final String NO_QUOTA = "exceeded quota";

  /** No event says that a quota has room again. */
  private static final Duration LATER = Duration.ofMinutes(1);

  /**
   * What was to be changed.
   *
   * @param effect of the changes: labels and annotations, or a resize
   */
  private record PodChange(String uid, Effect effect) {}

  /**
   * The last rejection.
   *
   * @param settings that were rejected
   * @param tries consecutive rejections of them that may pass
   * @param again when to ask again; empty if a restart is the only way
   */
  private record Rejection(
      Map<String, String> settings, int tries, String message, Optional<Instant> again) {}

  /**
   * A server that stays as it is for now.
   *
   * @param at when to ask again
   */
  record Retry(Effect effect, String message, Instant at) {}

  private final Map<PodChange, Rejection> last = new ConcurrentHashMap<>();

  /** Whether a server gets by a restart alone what others get without one. */
  boolean isFinal(StatefulSet set, Pod pod, Effect effect) {
    return find(set, pod, effect).filter(rejection -> rejection.again().isEmpty()).isPresent();
  }

  /** Whether to ask the API server now. */
  boolean isDue(StatefulSet set, Pod pod, Effect effect, Instant now) {
    return !isFinal(set, pod, effect) && retry(set, pod, effect, now).isEmpty();
  }

  /** The servers that stay as they are for now. */
  List<Retry> retries(StatefulSet set, List<Pod> servers, Instant now) {
    return servers.stream()
        .flatMap(
            pod ->
                Stream.of(Effect.LIVE, Effect.IN_PLACE)
                    .flatMap(effect -> retry(set, pod, effect, now).stream()))
        .toList();
  }

  private Optional<Retry> retry(StatefulSet set, Pod pod, Effect effect, Instant now) {
    return find(set, pod, effect)
        .flatMap(
            rejection ->
                rejection
                    .again()
                    .filter(now::isBefore)
                    .map(at -> new Retry(effect, rejection.message(), at)));
  }

  /**
   * Remembers a rejection.
   *
   * @return false for a request that failed for another reason
   */
  boolean add(KubernetesClientException e, StatefulSet set, Pod pod, Effect effect, Instant now) {
    boolean mayPass = MAY_PASS.contains(e.getCode());
    if (!mayPass && !FINAL.contains(e.getCode())) {
      return false;
    }
    int tries = 1 + find(set, pod, effect).map(Rejection::tries).orElse(0);
    if (e.getMessage().contains(NO_QUOTA)) {
      // Its successor would not be created either.
      postpone(e, set, pod, effect, 0, now.plus(LATER));
    } else if (mayPass && tries < TRIES) {
      postpone(e, set, pod, effect, tries, now.plus(SOON));
    } else {
      addFinal(set, pod, effect, e.getMessage());
    }
    return true;
  }

  private void postpone(
      KubernetesClientException e,
      StatefulSet set,
      Pod pod,
      Effect effect,
      int tries,
      Instant again) {
    String message = pod.getMetadata().getName() + ": " + ApiErrors.message(e);
    put(pod, effect, new Rejection(settings(set), tries, message, Optional.of(again)));
  }

  /** Remembers that a restart is the only way. */
  void addFinal(StatefulSet set, Pod pod, Effect effect, String why) {
    put(pod, effect, new Rejection(settings(set), 0, why, Optional.empty()));
    LOG.atWarn()
        .addKeyValue("namespace", pod.getMetadata().getNamespace())
        .addKeyValue("name", pod.getMetadata().getName())
        .log("Can't change a running server, which is restarted instead: {}", why);
  }

  /** Forgets the last rejection, as a change was accepted. */
  void remove(Pod pod, Effect effect) {
    last.remove(new PodChange(pod.getMetadata().getUid(), effect));
  }

  /** Forgets a deleted pod. */
  void forget(Pod pod) {
    remove(pod, Effect.LIVE);
    remove(pod, Effect.IN_PLACE);
  }

  private void put(Pod pod, Effect effect, Rejection rejection) {
    last.put(new PodChange(pod.getMetadata().getUid(), effect), rejection);
  }

  private Optional<Rejection> find(StatefulSet set, Pod pod, Effect effect) {
    return Optional.ofNullable(last.get(new PodChange(pod.getMetadata().getUid(), effect)))
        .filter(rejection -> rejection.settings().equals(settings(set)));
  }

  private static Map<String, String> settings(StatefulSet set) {
    return AppliedTemplate.of(set).settings().orElse(Map.of());
  }
}
