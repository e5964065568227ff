package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.ReconcileGuard;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes logins out of Secrets of other namespaces for which they are no longer meant: the resource
 * does not name the namespace, the user or the resource is gone. A finalizer would do it at once,
 * and hang a deletion where the operator may not write
 * (docs/adr/0034-logins-in-other-namespaces.md).
 *
 * <p>It runs after each reconciliation, when a resource or a child is deleted, at each start, and
 * periodically.
 */
public final class CopyPruner {

  /** No event reports that a failed write would succeed now. */
  private static final Duration PERIOD = Duration.ofSeconds(30);

  /** Rejected copies that are remembered. */
  private static final int MOST_REJECTED = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(CopyPruner.class);

  private final CopyConsents consents;
  private final ChildSources sources;
  private final IndexedResourceCache<SecureMemcached> resources;
  private final KubernetesClient client;
  private final ReconcileGuard guard;
  private final InstantSource clock;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("prune-copies").factory());

  /** Namespaces that are about to be checked. */
  private final Set<String> pending = ConcurrentHashMap.newKeySet();

  /** By id, a copy that could not be emptied. */
  private final Map<String, CopyRejection> rejected = new ConcurrentHashMap<>();

  private volatile boolean begun;
  private volatile Future<?> periodic = CompletableFuture.completedFuture(null);

  /** A pruner that is not started. */
  public CopyPruner(
      CopyConsents consents,
      ChildSources sources,
      IndexedResourceCache<SecureMemcached> resources,
      KubernetesClient client,
      ReconcileGuard guard,
      InstantSource clock) {
    this.consents = consents;
    this.sources = sources;
    this.resources = resources;
    this.client = client;
    this.guard = guard;
    this.clock = clock;
  }

  /** Starts; call it once all lists are complete and this instance is the leader. */
  public void begin() {
    begun = true;
    periodic =
        executor.scheduleWithFixedDelay(
            () -> consents.sourceNamespaces().forEach(this::tryToPrune),
            0,
            PERIOD.toSeconds(),
            TimeUnit.SECONDS);
  }

  /** Checks the copies of a namespace's logins, soon and in a separate thread. */
  public void look(String sourceNamespace) {
    if (begun && !executor.isShutdown() && pending.add(sourceNamespace)) {
      executor.execute(
          () -> {
            pending.remove(sourceNamespace);
            tryToPrune(sourceNamespace);
          });
    }
  }

  public void end() {
    periodic.cancel(false);
    executor.shutdown();
  }

  private void tryToPrune(String sourceNamespace) {
    List<SecureMemcached> cached = resources.list(sourceNamespace).toList();
    try {
      List<CopyConsent> surplus =
          consents
              .of(sourceNamespace)
              .filter(CopyConsent::isFilled)
              .filter(copy -> !isRequested(copy, cached, this::isCached))
              .filter(copy -> !isWaiting(copy))
              .toList();
      if (!surplus.isEmpty()) {
        // A cache may be stale, or never have been filled: only a source that the API server does
        // not have is gone.
        List<SecureMemcached> read = read(sourceNamespace);
        surplus.stream()
            .filter(copy -> !isRequested(copy, read, this::isStored))
            .forEach(this::tryToEmpty);
      }
    } catch (KubernetesClientException e) {
      LOG.atWarn()
          .addKeyValue("namespace", sourceNamespace)
          .log(
              "Could not read resources and their Secrets, and will try again: {}", e.getMessage());
    }
  }

  private boolean isWaiting(CopyConsent copy) {
    CopyRejection last = rejected.get(copy.id());
    return last != null && last.isWaiting(copy.version(), clock.instant());
  }

  private void tryToEmpty(CopyConsent copy) {
    try {
      guard.run(
          () -> {
            empty(copy);
            rejected.remove(copy.id());
            return true;
          },
          false);
    } catch (KubernetesClientException e) {
      if (CopyWriter.isRejected(e)) {
        if (rejected.size() >= MOST_REJECTED) {
          rejected.clear();
        }
        rejected.compute(
            copy.id(),
            (id, last) ->
                CopyRejection.of(
                    Optional.ofNullable(last), copy.version(), e.getMessage(), clock.instant()));
      }
      LOG.atWarn()
          .addKeyValue("namespace", copy.namespace())
          .addKeyValue("name", copy.name())
          .log("Could not take the copy of a login out of a Secret: {}", e.getMessage());
    }
  }

  private void empty(CopyConsent copy) {
    CopyWriter writer = new CopyWriter(client);
    writer.filled(copy.namespace(), copy.name()).filter(copy::isStillOf).ifPresent(writer::empty);
  }

  private List<SecureMemcached> read(String namespace) {
    try {
      return client.resources(SecureMemcached.class).inNamespace(namespace).list().getItems();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        // The CRD was deleted, and all resources with it.
        return List.of();
      }
      throw e;
    }
  }

  private boolean isRequested(
      CopyConsent copy, List<SecureMemcached> candidates, Predicate<CopyConsent> exists) {
    if (!consents.watches(copy.sourceNamespace())) {
      // Another operator may.
      return true;
    }
    for (SecureMemcached primary : candidates) {
      Optional<User> user =
          Credentials.clientUsersOf(primary).stream()
              .filter(of -> Names.credentials(primary, of.name()).equals(copy.source()))
              .findFirst();
      if (user.isPresent()) {
        return user.get().secretNamespaces().contains(copy.namespace()) || isFrozen(primary);
      }
      if (primary.getStatus().credentials().stream()
          .anyMatch(login -> login.secretName().equals(copy.source()))) {
        // The user has left the spec, and keeps the login for an overlap.
        return true;
      }
    }
    // The Secret of a deleted resource with deletionPolicy Retain.
    return exists.test(copy);
  }

  /** Whether the copied Secret exists, as last seen. */
  private boolean isCached(CopyConsent copy) {
    return sources.get(Secret.class, copy.sourceNamespace(), copy.source()).isPresent();
  }

  /** Whether the copied Secret exists, also where somebody took its labels away. */
  private boolean isStored(CopyConsent copy) {
    return new CopyWriter(client).read(copy.sourceNamespace(), copy.source()).isPresent();
  }

  private static boolean isFrozen(SecureMemcached primary) {
    return Pause.of(primary) || !primary.getUnreadable().isEmpty();
  }
}
