package io.securememcached.operator.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.OperatorException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Lease that elects the leader. The leader renews it every two seconds; a standby acquires it
 * once it has not changed for {@link #DURATION}, counted from when it was seen.
 *
 * <p>The times in the Lease are informational and never compared with a clock, since clocks of two
 * nodes differ. The client's own LeaderElector does, and looks at its deadline only between
 * requests (docs/adr/0017-leader-by-monotonic-time.md).
 */
public final class Lease implements Leadership {

  public static final String NAME = "securememcached-operator";

  /** As in Kubernetes' own components (client-go's LeaderElectionConfig). */
  static final Duration DURATION = Duration.ofSeconds(15);

  /**
   * Consecutive rejections; an API server that has just started rejects what it allows a moment
   * later.
   */
  private static final int MISSING_RIGHT = 4;

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final KubernetesClient client;
  private final Resource<io.fabric8.kubernetes.api.model.coordination.v1.Lease> lease;
  private final String namespace;
  private final String identity;
  private final WritePermit permit;
  private final InstantSource clock;
  private final CompletableFuture<Void> leading = new CompletableFuture<>();
  private final Renewals renewals;

  /** The last seen Lease of another leader, and when, by the monotonic clock in ns. */
  private Optional<LeaseSpec> seen = Optional.empty();

  private long seenAt;
  private int refusals;

  /**
   * Starts acquiring the Lease, in a separate thread.
   *
   * @param client with short time-outs and a connection of its own; not closed here
   * @param permit granted while the Lease is held
   * @param clock for the times that are written into the Lease
   */
  public Lease(
      KubernetesClient client,
      String namespace,
      String identity,
      WritePermit permit,
      InstantSource clock) {
    this.client = client;
    lease = client.leases().inNamespace(namespace).withName(NAME);
    this.namespace = namespace;
    this.identity = identity;
    this.permit = permit;
    this.clock = clock;
    renewals = Renewals.start("lease", this::acquireOrRenew);
  }

  @Override
  public CompletableFuture<Void> leading() {
    return leading;
  }

  @Override
  public void release() {
    renewals.close();
    permit.giveBack();
    try {
      var held = lease.get();
      if (held != null && identity.equals(held.getSpec().getHolderIdentity())) {
        write(
            held.getMetadata().getResourceVersion(),
            new LeaseSpecBuilder().withHolderIdentity("").withLeaseDurationSeconds(1).build());
        LOG.info("Released the Lease");
      }
    } catch (KubernetesClientException e) {
      LOG.warn("Could not release the Lease, which will expire: {}", e.getMessage());
    }
  }

  private void acquireOrRenew() {
    long asked = permit.now();
    try {
      var held = lease.get();
      if (held == null) {
        if (!isOver()) {
          refusals = 0;
          return;
        }
        client
            .resource(
                new LeaseBuilder()
                    .withNewMetadata()
                    .withName(NAME)
                    .withNamespace(namespace)
                    .endMetadata()
                    .withSpec(acquired(0))
                    .build())
            .create();
      } else if (identity.equals(held.getSpec().getHolderIdentity())) {
        write(
            held.getMetadata().getResourceVersion(),
            new LeaseSpecBuilder().withRenewTime(now()).build());
      } else if (leading.isDone()) {
        // It was taken manually, or this process was suspended: it must not act any more.
        permit.lose();
        return;
      } else if (isFree(held.getSpec())) {
        int transitions = Optional.ofNullable(held.getSpec().getLeaseTransitions()).orElse(0);
        write(held.getMetadata().getResourceVersion(), acquired(transitions + 1));
      } else {
        refusals = 0;
        return;
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN && ++refusals >= MISSING_RIGHT) {
        // Waiting does not fix a missing permission.
        leading.completeExceptionally(
            new OperatorException(
                "Missing permission to get, create or patch Lease %s in namespace %s: %s"
                    .formatted(NAME, namespace, e.getMessage())));
      }
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        // Another instance was faster; its Lease is read next time.
        return;
      }
      throw e;
    }
    refusals = 0;
    permit.renew(asked);
    if (!leading.isDone()) {
      LOG.info("Became the leader");
      leading.complete(null);
    }
  }

  /**
   * Whether no other leader may act while there is no Lease: one whose Lease was deleted acts until
   * it notices.
   */
  private boolean isOver() {
    return leading.isDone()
        || seen.isEmpty()
        || isFree(
            new LeaseSpecBuilder()
                .withHolderIdentity(seen.get().getHolderIdentity())
                .withLeaseDurationSeconds((int) DURATION.toSeconds())
                .build());
  }

  /** Whether it has no holder, or the holder has not renewed it for its duration. */
  private boolean isFree(LeaseSpec spec) {
    String holder = Optional.ofNullable(spec.getHolderIdentity()).orElse("");
    if (holder.isEmpty()) {
      return true;
    }
    if (!seen.equals(Optional.of(spec))) {
      if (seen.map(LeaseSpec::getHolderIdentity).filter(holder::equals).isEmpty()) {
        LOG.atInfo().addKeyValue("holder", holder).log("Waiting for the Lease");
      }
      seen = Optional.of(spec);
      seenAt = permit.now();
    }
    Duration duration =
        Optional.ofNullable(spec.getLeaseDurationSeconds())
            .map(Duration::ofSeconds)
            .orElse(DURATION);
    return permit.now() - seenAt >= duration.toNanos();
  }

  private LeaseSpec acquired(int transitions) {
    return new LeaseSpecBuilder()
        .withHolderIdentity(identity)
        .withLeaseDurationSeconds((int) DURATION.toSeconds())
        .withAcquireTime(now())
        .withRenewTime(now())
        .withLeaseTransitions(transitions)
        .build();
  }

  /** The API server rejects it with a conflict if the Lease has changed. */
  private void write(String resourceVersion, LeaseSpec spec) {
    lease.patch(
        PatchContext.of(PatchType.JSON_MERGE),
        new LeaseBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withResourceVersion(resourceVersion)
            .endMetadata()
            .withSpec(spec)
            .build());
  }

  private ZonedDateTime now() {
    return clock.instant().atZone(ZoneOffset.UTC);
  }
}
