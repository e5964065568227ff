package io.securememcached.operator.app;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.javaoperatorsdk.operator.OperatorException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease that lets one instance act at a time, asked for beside the first lists
 * (docs/adr/0011-lease-beside-the-lists.md).
 *
 * <p>The one who stops gives it back, so that the next instance need not wait until it runs out;
 * the one who loses it ends at once.
 */
final class Lease {

  static final String NAME = "securememcached-operator";

  /** As in Kubernetes' own components (client-go's LeaderElectionConfig). */
  private static final Duration DURATION = Duration.ofSeconds(15);

  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final KubernetesClient client;
  private final String namespace;
  private final String identity;
  private final CompletableFuture<Void> leading = new CompletableFuture<>();
  private final CompletableFuture<?> election;
  private volatile boolean stopping;

  /** Asks for the lease from now on, in threads of the client. */
  Lease(KubernetesClient client, String namespace, String identity) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
    election =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfig(
                    new OwnLock(),
                    DURATION,
                    RENEW_DEADLINE,
                    RETRY_PERIOD,
                    new LeaderCallbacks(this::won, this::lost, this::seen),
                    // The client would leave the holder's name in it.
                    false,
                    NAME))
            .build()
            .start();
  }

  /**
   * Complete once the lease is ours; failed with an {@link OperatorException} where the account
   * lacks the rights.
   */
  CompletableFuture<Void> leading() {
    return leading;
  }

  /** From now on the end of leading is wanted. */
  void stopping() {
    stopping = true;
  }

  /** Gives the lease back, if it is ours, so that the next instance starts at once. */
  void release() {
    election.cancel(false);
    try {
      var lease = client.leases().inNamespace(namespace).withName(NAME);
      var held = lease.get();
      if (held != null && identity.equals(held.getSpec().getHolderIdentity())) {
        lease.patch(
            PatchContext.of(PatchType.JSON_MERGE),
            new LeaseBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withResourceVersion(held.getMetadata().getResourceVersion())
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity("")
                .withLeaseDurationSeconds(1)
                .endSpec()
                .build());
        LOG.info("Gave the lease back");
      }
    } catch (KubernetesClientException e) {
      LOG.warn("Could not give the lease back, it runs out by itself: {}", e.getMessage());
    }
  }

  private void won() {
    LOG.info("Started leading");
    leading.complete(null);
  }

  /** Another instance may lead already: no pass may go on for a moment longer. */
  private void lost() {
    if (!stopping) {
      LOG.error("Lost the lease, ended at once");
      Runtime.getRuntime().halt(1);
    }
  }

  private void seen(String holder) {
    if (holder != null && !holder.isEmpty() && !holder.equals(identity)) {
      LOG.atInfo().addKeyValue("holder", holder).log("Waiting for the lease");
    }
  }

  /** Tells a missing right, which no waiting mends, from what passes. */
  private final class OwnLock extends LeaseLock {

    OwnLock() {
      super(namespace, NAME, identity);
    }

    @Override
    public synchronized LeaderElectionRecord get(KubernetesClient client) {
      return granted("get", () -> super.get(client));
    }

    @Override
    public synchronized void create(KubernetesClient client, LeaderElectionRecord lease) {
      granted(
          "create",
          () -> {
            super.create(client, lease);
            return lease;
          });
    }

    @Override
    public synchronized void update(KubernetesClient client, LeaderElectionRecord lease) {
      granted(
          "patch",
          () -> {
            super.update(client, lease);
            return lease;
          });
    }

    private LeaderElectionRecord granted(String verb, Supplier<LeaderElectionRecord> request) {
      try {
        return request.get();
      } catch (KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
          leading.completeExceptionally(
              new OperatorException(
                  "no right to %s the Lease %s in namespace %s".formatted(verb, NAME, namespace)));
        }
        throw e;
      }
    }
  }
}
