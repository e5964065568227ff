package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.PlainCredentials;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which server to check.
 *
 * @param address resolved
 * @param logins valid logins; the first one's name is also used with the wrong password. Each takes
 *     one connection
 * @param distribution where its package is from, by the image that was started
 * @param otherPorts ports without a listener on a hardened server
 * @param deniedPorts ports without a listener, which no NetworkPolicy allows
 */
public record Target(
    InetSocketAddress address,
    List<PlainCredentials> logins,
    Distribution distribution,
    List<Integer> otherPorts,
    List<Integer> deniedPorts) {

  /** Discard and tcpmux (RFC 863, RFC 1078): nothing in a hardened pod may listen below 1024. */
  private static final List<Integer> DENIED = List.of(1, 9);

  /** Ports of Couchbase's moxi and of second servers in common examples. */
  private static final int FIRST_USUAL = 11_210;

  private static final int LAST_USUAL = 11_215;

  private static final int MAX_PORT = 65_535;

  /**
   * Keeps copies of the lists.
   *
   * @throws IllegalArgumentException if the address is not resolved
   */
  public Target {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("the address is not resolved: " + address);
    }
    logins = List.copyOf(logins);
    otherPorts = List.copyOf(otherPorts);
    deniedPorts = List.copyOf(deniedPorts);
  }

  /** A server at its own address. */
  public static Target at(
      InetSocketAddress address, List<PlainCredentials> logins, Distribution distribution) {
    return new Target(address, logins, distribution, otherPorts(address.getPort()), DENIED);
  }

  /** The two ports beside a port, and 11210 to 11215, without the port itself. */
  static List<Integer> otherPorts(int port) {
    return IntStream.concat(
            IntStream.of(port - 1, port + 1), IntStream.rangeClosed(FIRST_USUAL, LAST_USUAL))
        .filter(other -> other != port && other > 0 && other <= MAX_PORT)
        .distinct()
        .sorted()
        .boxed()
        .toList();
  }
}
