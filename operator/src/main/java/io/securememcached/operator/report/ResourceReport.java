package io.securememcached.operator.report;

import io.securememcached.operator.verify.Outcome;
import java.time.Instant;
import java.util.List;

/**
 * Results of all servers of a resource.
 *
 * @param time when the run began
 */
public record ResourceReport(
    String namespace, String name, Instant time, List<ServerReport> servers) {

  /** Keeps a copy of the list. */
  public ResourceReport {
    servers = List.copyOf(servers);
  }

  /**
   * Failed if a check failed; else unknown if a result is unknown or there is no server, as a
   * missing result never counts as passed.
   */
  public Outcome outcome() {
    return worst(servers.stream().map(ServerReport::outcome).toList());
  }

  long count(Outcome outcome) {
    return servers.stream().mapToLong(server -> server.count(outcome)).sum();
  }

  static Outcome worst(List<Outcome> outcomes) {
    if (outcomes.contains(Outcome.FAILED)) {
      return Outcome.FAILED;
    }
    return outcomes.isEmpty() || outcomes.contains(Outcome.UNKNOWN)
        ? Outcome.UNKNOWN
        : Outcome.PASSED;
  }
}
