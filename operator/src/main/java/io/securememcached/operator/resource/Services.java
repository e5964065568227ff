package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceFluent;
import io.securememcached.operator.api.v1beta1.SecureMemcached;

/** The Services inside of the cluster: ClusterIP only, never a node port or a load balancer. */
final class Services {

  private static final String COMPONENT = "service";

  /** Label that the StatefulSet controller gives to each pod. */
  static final String POD_NAME = "statefulset.kubernetes.io/pod-name";

  private Services() {}

  /** One address for clients that use a single server: always the same one, the first. */
  static Service clients(SecureMemcached primary, int port) {
    return service(primary, Names.name(primary), port)
        .addToSelector(POD_NAME, Names.server(primary, 0))
        .endSpec()
        .editMetadata()
        .addToAnnotations(primary.getSpec().service().annotations())
        .endMetadata()
        .build();
  }

  /** Headless: a DNS name per server, for clients that distribute keys over the servers. */
  static Service nodes(SecureMemcached primary, int port) {
    return service(primary, Names.nodes(primary), port).withClusterIP("None").endSpec().build();
  }

  private static ServiceFluent<ServiceBuilder>.SpecNested<ServiceBuilder> service(
      SecureMemcached primary, String name, int port) {
    return new ServiceBuilder()
        .withMetadata(Labels.meta(primary, name, COMPONENT).build())
        .withNewSpec()
        .withType("ClusterIP")
        .withSelector(Labels.serverSelector(primary))
        .addNewPort()
        .withName(Servers.PORT_NAME)
        .withProtocol("TCP")
        .withPort(port)
        .withNewTargetPort(Servers.PORT_NAME)
        .endPort();
  }
}
