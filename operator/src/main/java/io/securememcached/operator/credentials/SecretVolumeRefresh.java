package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Pods;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Triggers a volume refresh: the kubelet delivers a changed sasldb to the servers within about a
 * second. By itself it refreshes a Secret's volume every 60 to 90 s; it also does so whenever the
 * pod changes, and an annotation is a change that restarts nothing.
 */
public final class SecretVolumeRefresh {

  private static final Logger LOG = LoggerFactory.getLogger(SecretVolumeRefresh.class);

  private static final String CHANGED = "securememcached.io/sasldb-changed";

  /** Tolerated difference to the API server's clock. */
  private static final Duration SKEW = Duration.ofSeconds(10);

  private SecretVolumeRefresh() {}

  /**
   * Triggers a refresh for running servers that had none for this change.
   *
   * @param changedAt the epoch if the file never changed since the first server
   */
  public static void trigger(List<Pod> pods, Instant changedAt, KubernetesClient client) {
    if (!changedAt.equals(Instant.EPOCH)) {
      pods.stream()
          .filter(Pods::isRunning)
          .filter(pod -> !isTriggered(pod, changedAt))
          .forEach(pod -> trigger(pod, changedAt, client));
    }
  }

  /** Whether a pod was refreshed, or is newer. */
  private static boolean isTriggered(Pod pod, Instant changedAt) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    return annotations != null && changedAt.toString().equals(annotations.get(CHANGED))
        || Instant.parse(pod.getMetadata().getCreationTimestamp()).isAfter(changedAt.plus(SKEW));
  }

  private static void trigger(Pod pod, Instant changedAt, KubernetesClient client) {
    Pod annotated =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName())
            // Only this pod: a successor of the same name reads the new file anyway.
            .withUid(pod.getMetadata().getUid())
            .addToAnnotations(CHANGED, changedAt.toString())
            .endMetadata()
            .build();
    try {
      client.resource(annotated).fieldManager(Labels.OPERATOR).forceConflicts().serverSideApply();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
          || e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return;
      }
      // The kubelet refreshes the file later by itself.
      LOG.atWarn()
          .addKeyValue("namespace", pod.getMetadata().getNamespace())
          .addKeyValue("name", pod.getMetadata().getName())
          .log("Could not trigger a volume refresh of a pod: {}", e.getMessage());
    }
  }
}
