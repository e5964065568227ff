package io.securememcached.operator.app;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease that lets one instance act at a time.
 *
 * <p>The framework ends the process when it loses the lease, by an exit that waits for the very
 * stop that gave the lease up; and it never gives the lease back, so that the next instance waits
 * until it runs out. Both are done here instead.
 */
final class Lease {

  private static final String NAME = "securememcached-operator";
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final KubernetesClient client;
  private final String namespace;
  private final String identity;
  private volatile boolean stopping;

  Lease(KubernetesClient client, String namespace, String identity) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
  }

  LeaderElectionConfiguration election() {
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(NAME)
        .withLeaseNamespace(namespace)
        .withIdentity(identity)
        .withExitOnStopLeading(false)
        .withLeaderCallbacks(
            new LeaderCallbacks(
                () -> LOG.info("Started leading"), this::lost, leader -> LOG.debug("{}", leader)))
        .build();
  }

  /** From now on the end of leading is wanted. */
  void stopping() {
    stopping = true;
  }

  /** Gives the lease back, if it is ours, so that the next instance starts at once. */
  void release() {
    try {
      var lease = client.leases().inNamespace(namespace).withName(NAME).get();
      if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
        lease.getSpec().setHolderIdentity("");
        lease.getSpec().setLeaseDurationSeconds(1);
        client.resource(lease).update();
        LOG.info("Gave the lease back");
      }
    } catch (KubernetesClientException e) {
      LOG.warn("Could not give the lease back, it runs out by itself: {}", e.getMessage());
    }
  }

  /** Another instance may lead already: no pass may go on for a moment longer. */
  private void lost() {
    if (!stopping) {
      LOG.error("Lost the lease, ended at once");
      Runtime.getRuntime().halt(1);
    }
  }
}
