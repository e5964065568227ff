package io.securememcached.operator.verify;

import java.io.IOException;
import java.time.Duration;

/**
 * Whether NetworkPolicies are enforced: a connection to a port without a listener is rejected by
 * the server's own network stack, unless it is blocked on the way. The operator's policy allows
 * memcached's port only, so the probed ports must be blocked.
 *
 * <p>A plugin that rejects instead of dropping sends an ICMP error. One that sends a TCP reset in
 * the server's name can't be distinguished from one that ignores policies, and fails.
 */
final class PolicyProbe implements AutoCloseable {

  private final OtherPorts ports;

  private PolicyProbe(OtherPorts ports) {
    this.ports = ports;
  }

  /**
   * Starts to connect; responses arrive in parallel with the other checks.
   *
   * @param quiet how long to wait for a response that is not expected
   * @throws IOException if this machine has no sockets for it
   */
  static PolicyProbe start(Target target, Duration quiet) throws IOException {
    return new PolicyProbe(
        OtherPorts.start(target.address().getAddress(), target.deniedPorts(), quiet));
  }

  /**
   * The result.
   *
   * @param reachable whether the server is reachable, without which silence means nothing
   */
  Verdict verdict(boolean reachable) throws IOException {
    return reachable ? ports.stopped() : Verdict.unknown("the server is not reachable");
  }

  @Override
  public void close() throws IOException {
    ports.close();
  }
}
