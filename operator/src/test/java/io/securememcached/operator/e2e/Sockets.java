package io.securememcached.operator.e2e;

import java.util.ArrayList;
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
  static List<String> of(Sandbox sandbox, String pod) {
    List<String> sockets = new ArrayList<>();
    for (String protocol : List.of("tcp", "udp", "tcp6", "udp6")) {
      sandbox
          .exec(pod, "cat", "/proc/net/" + protocol)
          .output()
          .lines()
          .skip(1)
          .map(line -> line.strip().split("\\s+"))
          .filter(columns -> protocol.startsWith("udp") || columns[3].equals(LISTEN))
          .map(columns -> protocol + " " + address(columns[1]))
          .forEach(sockets::add);
    }
    return sockets;
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
