package io.securememcached.operator.testing;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;

/** What a load balancer's controller does, by a test. */
public final class PlayedLoadBalancer {

  private PlayedLoadBalancer() {}

  /** Gives a Service of the API server an address. */
  public static void give(Scene scene, String service, String address) {
    scene.child(Service.class, service).editStatus(seen -> with(seen, address));
  }

  /** A Service with an address. */
  public static Service with(Service service, String address) {
    return new ServiceBuilder(service)
        .withNewStatus()
        .withNewLoadBalancer()
        .addNewIngress()
        .withIp(address)
        .endIngress()
        .endLoadBalancer()
        .endStatus()
        .build();
  }
}
