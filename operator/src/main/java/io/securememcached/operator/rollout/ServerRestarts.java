package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.events.EventRecorder;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.watches.ReconcileContext;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts servers by deleting their pods, which the StatefulSet controller then creates from the
 * present template.
 */
public final class ServerRestarts {

  /** Annotation of a resource: the id of the update that somebody approves. */
  public static final String APPROVE = "securememcached.io/approve-update";

  private static final Logger LOG = LoggerFactory.getLogger(ServerRestarts.class);

  private final LiveChanges live = new LiveChanges();
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
    limit.observe(resource, context.servers(), context.primary().getSpec().replicas());
    if (Pause.of(context.primary())) {
      return Rollout.paused(pending(context, set.get(), verifications));
    }
    live.apply(set.get(), context.servers(), context.client());
    Decision decision =
        limit.apply(Decision.of(input(context, set.get(), verifications)), resource);
    for (ServerUpdate update : decision.restart()) {
      if (delete(update.pod(), context.client(), () -> limit.refused(resource))) {
        EventRecorder.restart(context.primary(), update, context.client());
      }
    }
    return decision.rollout();
  }

  private Decision.Input input(
      ReconcileContext context, StatefulSet set, Map<String, Verification> verifications) {
    SecureMemcached primary = context.primary();
    List<Pod> servers = context.servers();
    String id = AppliedTemplate.of(set).id();
    return new Decision.Input(
        id,
        pending(context, set, verifications),
        servers,
        primary.getSpec().replicas(),
        verifications,
        primary.getSpec().listen() == Listen.PodIP,
        ServerUpdate.isObserved(set),
        new Permission(
            primary.getSpec().updates(),
            id.equals(primary.getMetadata().getAnnotations().get(APPROVE)),
            context.now()));
  }

  private List<ServerUpdate> pending(
      ReconcileContext context, StatefulSet set, Map<String, Verification> verifications) {
    SecureMemcached primary = context.primary();
    return SecurityUpdates.marked(
        ServerUpdate.all(primary, set, context.servers(), pod -> live.isRejected(set, pod)),
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
