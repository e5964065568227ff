package io.securememcached.operator.e2e;

import java.util.List;

/** The open sockets of a pod, as {@code netstat -plunt} shows them, read from /proc/net. */
final class Sockets {

  private static final String LISTEN = "0A";

  private Sockets() {}

  /**
   * TCP sockets that listen and UDP sockets that are bound.
   *
   * @return lines such as {@code tcp 10.1.2.3:11211} and {@code udp 0.0.0.0:11211}
   */
  static List<String> of(Place pod) {
    // Only lines with a socket hold a colon behind a number. A node without IPv6 has no tcp6.
    String read = "cd /proc/net && exec grep ': ' tcp udp $([ ! -e tcp6 ] || echo tcp6 udp6)";
    Shell.Result result = pod.run("bash", "-c", read);
    if (result.code() > 1) {
      throw new IllegalStateException("The sockets could not be read: " + result.errors());
    }
    return result
        .output()
        .lines()
        .map(line -> line.replaceFirst(":", " ").strip().split("\\s+"))
        .filter(columns -> columns[0].startsWith("udp") || columns[4].equals(LISTEN))
        .map(columns -> columns[0] + " " + address(columns[2]))
        .toList();
  }

  /** The kernel writes an IPv4 address as a little-endian hexadecimal word. */
  private static String address(String hex) {
    int colon = hex.indexOf(':');
    int port = Integer.parseInt(hex.substring(colon + 1), 16);
    if (colon != 8) {
      return hex.substring(0, colon) + ":" + port;
    }
    int word = Integer.reverseBytes(Integer.parseUnsignedInt(hex.substring(0, colon), 16));
    return "%d.%d.%d.%d:%d"
        .formatted(word >>> 24, word >>> 16 & 255, word >>> 8 & 255, word & 255, port);
  }
}
