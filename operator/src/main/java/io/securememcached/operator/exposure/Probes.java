package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ExecAction;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import io.securememcached.operator.resource.Servers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether a server's probes do no more than the operator's: another command runs in its container,
 * every few seconds, and a liveness probe can restart it.
 */
final class Probes {

  private Probes() {}

  static List<String> faults(Container server) {
    List<String> faults = new ArrayList<>();
    if (server.getLivenessProbe() != null) {
      faults.add("has a liveness probe");
    }
    add(faults, server, "liveness", server.getLivenessProbe());
    add(faults, server, "readiness", server.getReadinessProbe());
    add(faults, server, "startup", server.getStartupProbe());
    return faults;
  }

  private static void add(List<String> faults, Container server, String kind, Probe probe) {
    Optional<Probe> found = Optional.ofNullable(probe);
    if (found.map(Probe::getExec).filter(exec -> !isOwn(exec, server)).isPresent()) {
      faults.add("has a " + kind + " probe with another command than the operator's");
    }
    if (found.stream().flatMap(Probes::hosts).anyMatch(host -> !host.isEmpty())) {
      faults.add("has a " + kind + " probe of another host");
    }
  }

  private static boolean isOwn(ExecAction exec, Container server) {
    return CommandLine.ports(server.getArgs()).stream()
        .map(Servers::probeCommand)
        .anyMatch(exec.getCommand()::equals);
  }

  private static Stream<String> hosts(Probe probe) {
    return Stream.concat(
            Stream.ofNullable(probe.getHttpGet()).map(HTTPGetAction::getHost),
            Stream.ofNullable(probe.getTcpSocket()).map(TCPSocketAction::getHost))
        .flatMap(Stream::ofNullable);
  }
}
