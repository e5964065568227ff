package io.securememcached.operator.verify;

import java.io.IOException;
import java.time.Duration;

/**
 * Whether somebody stops what no policy lets in: a connection to a port on which nobody listens is
 * refused by the server's own network stack, unless it never gets there. The operator's own policy
 * lets it in to memcached's port alone, so these are closed to it.
 *
 * <p>A plugin that rejects instead of dropping sends an ICMP error. One that sends a reset in the
 * server's name can't be told from one that ignores policies, and fails.
 */
final class PolicyProbe implements AutoCloseable {

  private final OtherPorts ports;

  private PolicyProbe(OtherPorts ports) {
    this.ports = ports;
  }

  /**
   * Starts to connect; answers come beside whatever else is asked.
   *
   * @param quiet how long to wait for an answer that should not come
   * @throws IOException if this machine has no sockets for it
   */
  static PolicyProbe start(Target target, Duration quiet) throws IOException {
    return new PolicyProbe(
        OtherPorts.start(target.address().getAddress(), target.deniedPorts(), quiet));
  }

  /**
   * Who has answered.
   *
   * @param reachable whether the server is: else silence tells nothing
   */
  Verdict verdict(boolean reachable) throws IOException {
    return reachable ? ports.stopped() : Verdict.unknown("the server is not reachable");
  }

  @Override
  public void close() throws IOException {
    ports.close();
  }
}
