package io.securememcached.operator.verify;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * Whether somebody stops what no policy lets in: a connection to a port on which nobody listens is
 * refused by the server's own network stack, unless it never gets there. The operator's own policy
 * lets it in to memcached's port alone, so these are closed to it.
 *
 * <p>A plugin that rejects instead of dropping sends an ICMP error. One that sends a reset in the
 * server's name can't be told from one that ignores policies, and fails.
 */
public final class PolicyProbe implements AutoCloseable {

  /** Discard and tcpmux (RFC 863, RFC 1078): nothing in a hardened pod may listen below 1024. */
  private static final List<Integer> PORTS = List.of(1, 9);

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
  public static PolicyProbe start(InetAddress address, Duration quiet) throws IOException {
    return new PolicyProbe(OtherPorts.start(address, PORTS, quiet));
  }

  /** Who has answered, of a server that is known to be reachable. */
  public Verdict verdict() throws IOException {
    return ports.stopped();
  }

  @Override
  public void close() throws IOException {
    ports.close();
  }
}
