package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Foreign Services that select the servers.
 *
 * <p>A ClusterIP Service of ready servers exposes nothing: whoever reaches its address reaches the
 * pods' as well, and policies apply to both. One that is reachable from outside of the cluster, or
 * ignores readiness, does.
 */
final class ServiceExposures {

  private static final String ADVICE =
      "; delete it, or change its selector so that it does not select the servers, and let clients use the Services of this resource";

  private ServiceExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    return Stream.concat(
        selecting(observed)
            .flatMap(
                service -> {
                  List<String> ways = ways(service.getSpec());
                  return ways.isEmpty()
                      ? Stream.of()
                      : Stream.of(exposure(service, String.join(", ", ways)));
                }),
        slices(observed)
            .map(
                slice ->
                    exposure(
                        slice,
                        "adds server addresses to Service "
                            + Slices.service(slice)
                            + " regardless of readiness, and also after another pod has got the address")));
  }

  /** Foreign Services whose selector or slices lead to a server's port. */
  static Stream<String> leading(AuditInput observed) {
    return Stream.concat(
        selecting(observed).map(service -> service.getMetadata().getName()),
        slices(observed).map(Slices::service));
  }

  private static Stream<Service> selecting(AuditInput observed) {
    List<Pod> pods = observed.serverPods();
    ServerPorts ports = ServerPorts.of(observed);
    return observed.others(observed.foreign().services()).stream()
        // An alias in DNS: it has no endpoints.
        .filter(service -> !"ExternalName".equals(service.getSpec().getType()))
        .filter(service -> ports.isServedBy(service.getSpec().getPorts()))
        .filter(
            service ->
                pods.stream()
                    .anyMatch(
                        pod ->
                            Selectors.matchesService(
                                service.getSpec().getSelector(), ServerPods.labels(pod))));
  }

  private static Stream<EndpointSlice> slices(AuditInput observed) {
    Set<String> addresses = ServerPods.addresses(observed.serverPods());
    ServerPorts ports = ServerPorts.of(observed);
    return Slices.byHand(observed)
        .filter(slice -> ports.isReachedBy(slice.getPorts()))
        .filter(slice -> Slices.hasAny(slice, addresses));
  }

  private static List<String> ways(ServiceSpec spec) {
    List<String> ways = new ArrayList<>();
    if ("NodePort".equals(spec.getType())) {
      ways.add("exposes the servers on a port of every node");
    }
    if ("LoadBalancer".equals(spec.getType())) {
      ways.add("exposes the servers through a load balancer");
    }
    if (!spec.getExternalIPs().isEmpty()) {
      ways.add(
          "exposes the servers on external addresses "
              + String.join(" and ", spec.getExternalIPs()));
    }
    if (Boolean.TRUE.equals(spec.getPublishNotReadyAddresses())) {
      ways.add("publishes servers that are not ready");
    }
    return ways;
  }

  private static Exposure exposure(Service service, String what) {
    return new Exposure(
        Kind.FOREIGN_SERVICE, "Service " + service.getMetadata().getName(), what + ADVICE);
  }

  private static Exposure exposure(EndpointSlice slice, String what) {
    return new Exposure(
        Kind.FOREIGN_SERVICE,
        "EndpointSlice " + slice.getMetadata().getName(),
        what + "; delete it");
  }
}
