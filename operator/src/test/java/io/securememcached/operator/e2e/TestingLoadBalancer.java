package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gives the Services of type LoadBalancer of a namespace their addresses, as a cloud's controller
 * does. Outside hosts reach these by the node, whose kube-proxy does the rest as on every node
 * behind a passthrough load balancer: it drops what {@code loadBalancerSourceRanges} does not name,
 * and with {@code externalTrafficPolicy: Local} it leaves the client's address.
 */
final class TestingLoadBalancer implements AutoCloseable {

  /** Outside hosts have their default route to the node, and no host has such an address. */
  private static final String PREFIX = "10.31.0.";

  private final KubernetesClient client;
  private final AtomicInteger last = new AtomicInteger();
  private final Watch watch;

  TestingLoadBalancer(Sandbox sandbox) {
    client = sandbox.client();
    watch =
        client
            .services()
            .inNamespace(sandbox.namespace())
            .watch(
                new Watcher<>() {
                  @Override
                  public void eventReceived(Action action, Service service) {
                    if ("LoadBalancer".equals(service.getSpec().getType())
                        && (action == Action.ADDED || action == Action.MODIFIED)
                        && service.getStatus().getLoadBalancer().getIngress().isEmpty()) {
                      give(service);
                    }
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    throw new IllegalStateException("The watch on Services ended", cause);
                  }
                });
  }

  private void give(Service service) {
    try {
      client
          .resource(service)
          .editStatus(
              seen ->
                  new ServiceBuilder(seen)
                      .editOrNewStatus()
                      .withNewLoadBalancer()
                      .addNewIngress()
                      .withIp(PREFIX + last.incrementAndGet())
                      .endIngress()
                      .endLoadBalancer()
                      .endStatus()
                      .build());
    } catch (KubernetesClientException e) {
      // Changed or deleted meanwhile: its next event comes, or none.
      if (e.getCode() != 404 && e.getCode() != 409) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
