package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.ReconcileGuard;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prunes the policies of deleted resources, once their servers have terminated. They have no owner,
 * as the garbage collector would delete them before the servers, and no finalizer, which could
 * block a namespace: policies that remain for a while select no pods
 * (docs/adr/0022-policies-outlive-their-resource.md).
 *
 * <p>It runs when a resource or a server is deleted, at each start, and periodically.
 */
public final class PolicyPruner {

  /** No event reports that a failed deletion would succeed now. */
  private static final Duration PERIOD = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(PolicyPruner.class);

  private final ChildSources sources;
  private final Predicate<ResourceID> exists;
  private final KubernetesClient client;
  private final ReconcileGuard guard;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("prune").factory());
  private volatile boolean begun;
  private volatile Future<?> periodic = CompletableFuture.completedFuture(null);

  /**
   * A pruner that is not started.
   *
   * @param exists whether a resource is in the cache
   */
  public PolicyPruner(
      ChildSources sources,
      Predicate<ResourceID> exists,
      KubernetesClient client,
      ReconcileGuard guard) {
    this.sources = sources;
    this.exists = exists;
    this.client = client;
    this.guard = guard;
  }

  /** Starts; call it once all lists are complete and this instance is the leader. */
  public void begin() {
    begun = true;
    periodic =
        executor.scheduleWithFixedDelay(this::lookAtAll, 0, PERIOD.toSeconds(), TimeUnit.SECONDS);
  }

  /** Checks a possibly deleted resource, soon and in a separate thread. */
  public void look(ResourceID resource) {
    if (begun && !executor.isShutdown()) {
      executor.execute(() -> tryToPrune(resource));
    }
  }

  public void end() {
    periodic.cancel(false);
    executor.shutdown();
  }

  private void lookAtAll() {
    sources.policyOwners().forEach(this::tryToPrune);
  }

  private void tryToPrune(ResourceID resource) {
    try {
      guard.run(
          () -> {
            prune(resource);
            return true;
          },
          false);
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("namespace", resource.getNamespace().orElseThrow())
          .addKeyValue("name", resource.getName())
          .log("Could not prune the NetworkPolicies of a deleted resource: {}", e.getMessage());
    }
  }

  private void prune(ResourceID resource) {
    if (exists.test(resource) || sources.hasServers(resource)) {
      return;
    }
    List<NetworkPolicy> policies = sources.policiesOf(resource);
    // Caches may be stale, and nothing else would protect a new server's policies.
    if (policies.isEmpty() || isThere(resource) || hasServers(resource)) {
      return;
    }
    policies.forEach(this::delete);
  }

  private boolean isThere(ResourceID resource) {
    try {
      // A list, as the operator has no permission to get.
      return !client
          .resources(SecureMemcached.class)
          .inNamespace(resource.getNamespace().orElseThrow())
          .withField("metadata.name", resource.getName())
          .list()
          .getItems()
          .isEmpty();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        // The CRD was deleted, and all resources with it.
        return false;
      }
      throw e;
    }
  }

  private boolean hasServers(ResourceID resource) {
    String namespace = resource.getNamespace().orElseThrow();
    StatefulSet set =
        client.apps().statefulSets().inNamespace(namespace).withName(resource.getName()).get();
    return set != null && Labels.selectsServersOf(resource.getName(), set)
        || !client
            .pods()
            .inNamespace(namespace)
            .withLabel(Labels.SERVER_OF, resource.getName())
            .list()
            .getItems()
            .isEmpty();
  }

  /** This version only: a new resource of the same name adopts the policy by a write. */
  private void delete(HasMetadata policy) {
    String version = policy.getMetadata().getResourceVersion();
    try {
      client.resource(policy).lockResourceVersion(version).delete();
      LOG.atInfo()
          .addKeyValue("kind", policy.getKind())
          .addKeyValue("namespace", policy.getMetadata().getNamespace())
          .addKeyValue("name", policy.getMetadata().getName())
          .log("Pruned child of a deleted resource");
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT
          && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
  }
}
