package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.securememcached.operator.resource.Labels;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Endpoints of the operator's Services that are not servers. */
final class ImpostorExposures {

  private ImpostorExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    return Stream.concat(pods(observed), slices(observed));
  }

  private static Stream<Exposure> pods(AuditInput observed) {
    return observed.pods().stream()
        .filter(observed::isImpostor)
        .filter(ServerPods::isAlive)
        .map(ImpostorExposures::exposure);
  }

  private static Exposure exposure(Pod pod) {
    return new Exposure(
        Kind.IMPOSTOR,
        "Pod " + pod.getMetadata().getName(),
        "carries the servers' label but does not belong to this resource's StatefulSet, so the Services send clients and their logins to it; delete it or its label "
            + Labels.SERVER_OF
            + ", then rotate the logins");
  }

  private static Stream<Exposure> slices(AuditInput observed) {
    Set<String> servers = ServerPods.addresses(observed.serverPods());
    return Slices.byHand(observed)
        .filter(slice -> observed.ownServices().contains(Slices.service(slice)))
        .flatMap(
            slice -> {
              Set<String> others =
                  Slices.addresses(slice)
                      .filter(address -> !servers.contains(address))
                      .collect(Collectors.toCollection(TreeSet::new));
              return others.isEmpty() ? Stream.of() : Stream.of(exposure(slice, others));
            });
  }

  private static Exposure exposure(EndpointSlice slice, Set<String> others) {
    return new Exposure(
        Kind.IMPOSTOR,
        "EndpointSlice " + slice.getMetadata().getName(),
        "sends clients of Service "
            + Slices.service(slice)
            + " and their logins to "
            + String.join(" and ", others)
            + "; delete it, then rotate the logins");
  }
}
