package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.events.EventRecorder;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.watches.ReconcileContext;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts servers by deleting their pods, which the StatefulSet controller then creates from the
 * present template.
 */
public final class ServerRestarts {

  private static final Logger LOG = LoggerFactory.getLogger(ServerRestarts.class);

  private final LiveChanges live = new LiveChanges();

  /** Uids of pods that this process has deleted and may still see as if it had not. */
  private final Set<String> deleted = ConcurrentHashMap.newKeySet();

  private final RestartLimit limit;

  /**
   * Restarts of all resources.
   *
   * @param limit that they share
   */
  public ServerRestarts(RestartLimit limit) {
    this.limit = limit;
  }

  /** Forgets a deleted pod. */
  public void forget(Pod pod) {
    live.forget(pod);
    deleted.remove(pod.getMetadata().getUid());
  }

  /**
   * Changes what running servers get without a restart, and restarts what may restart now.
   *
   * @param verifications what the checks have found, by pod uid
   */
  public Rollout advance(ReconcileContext context, Map<String, Verification> verifications) {
    Optional<StatefulSet> set = context.set();
    if (set.isEmpty()) {
      return Pause.of(context.primary()) ? Rollout.paused(List.of()) : Rollout.upToDate();
    }
    ResourceID resource = ResourceID.fromResource(context.primary());
    List<Pod> servers = context.servers().stream().map(this::asDeleted).toList();
    limit.observe(resource, servers, context.primary().getSpec().replicas());
    if (Pause.of(context.primary())) {
      return Rollout.paused(pending(context.primary(), set.get(), servers, verifications));
    }
    live.apply(set.get(), servers, context.now(), context.client());
    Decision decision =
        limit.apply(Decision.of(input(context, set.get(), servers, verifications)), resource);
    for (ServerUpdate update : decision.restart()) {
      if (delete(update.pod(), context.client(), () -> limit.refused(resource))) {
        deleted.add(update.pod().getMetadata().getUid());
        EventRecorder.restart(context.primary(), update, context.client());
      }
    }
    return live.complete(decision.rollout(), set.get(), servers, context.now());
  }

  private Decision.Input input(
      ReconcileContext context,
      StatefulSet set,
      List<Pod> servers,
      Map<String, Verification> verifications) {
    SecureMemcached primary = context.primary();
    String id = AppliedTemplate.of(set).approvalId();
    return new Decision.Input(
        id,
        pending(primary, set, servers, verifications),
        servers,
        primary.getSpec().replicas(),
        verifications,
        pod -> !Pods.isLoopback(primary, pod),
        ActualServers.isObserved(set),
        new Permission(
            primary.getSpec().updates(),
            id.equals(primary.getMetadata().getAnnotations().get(Rollout.APPROVE)),
            context.now()));
  }

  /** The cache may be behind the delete. */
  private Pod asDeleted(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
            && deleted.contains(pod.getMetadata().getUid())
        ? pod.edit()
            .editMetadata()
            .withDeletionTimestamp(pod.getMetadata().getCreationTimestamp())
            .endMetadata()
            .build()
        : pod;
  }

  private List<ServerUpdate> pending(
      SecureMemcached primary,
      StatefulSet set,
      List<Pod> servers,
      Map<String, Verification> verifications) {
    return SecurityUpdates.marked(
        ServerUpdate.all(primary, set, servers, (pod, effect) -> live.isRejected(set, pod, effect)),
        verifications,
        primary.getSpec().image().reference());
  }

  /**
   * Deletes this pod, not a successor of its name.
   *
   * @param refused called where the API server says that it does not delete it
   */
  private static boolean delete(Pod pod, KubernetesClient client, Runnable refused) {
    try {
      client.resource(pod).lockResourceVersion(pod.getMetadata().getResourceVersion()).delete();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
          || e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        // It has changed since; its event comes.
        LOG.debug("Could not restart a server as it was seen", e);
        return false;
      }
      if (e.getCode() >= HttpURLConnection.HTTP_BAD_REQUEST
          && e.getCode() < HttpURLConnection.HTTP_INTERNAL_ERROR) {
        refused.run();
      }
      throw e;
    }
    LOG.atInfo()
        .addKeyValue("namespace", pod.getMetadata().getNamespace())
        .addKeyValue("name", pod.getMetadata().getName())
        .log("Restarted server");
    return true;
  }
}
