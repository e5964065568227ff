package io.securememcached.operator.memcached;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Address of a server in canonical form: two are equal however they were written.
 *
 * @param ip IPv4 or IPv6
 * @param port of TCP
 */
public record ServerAddress(InetAddress ip, int port) {

  private static final Pattern TEXT = Pattern.compile("(?:\\[([^]]+)]|([^:]+)):(\\d{1,5})");

  private static final int GROUPS = 8;

  /**
   * The server at a pod's address.
   *
   * @param ip as Kubernetes writes it; empty if it is not an address. Names are not resolved
   */
  public static Optional<ServerAddress> of(String ip, int port) {
    try {
      return Optional.of(new ServerAddress(InetAddress.ofLiteral(ip), port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Parses the form of {@link #toString}; empty for other text. */
  public static Optional<ServerAddress> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String ip = parts.group(1) == null ? parts.group(2) : parts.group(1);
    return of(ip, Integer.parseInt(parts.group(3)));
  }

  /** An address in the form of {@link #host}, so that equal ones are equal text; else the text. */
  public static String canonical(String ip) {
    return of(ip, 0).map(ServerAddress::host).orElse(ip);
  }

  /** For a connection. */
  public InetSocketAddress socket() {
    return new InetSocketAddress(ip, port);
  }

  /** Whether it is an address of IPv6. */
  public boolean isIpv6() {
    return ip instanceof Inet6Address;
  }

  /** The address alone, IPv6 as RFC 5952 and Kubernetes write it. */
  public String host() {
    return ip instanceof Inet6Address six ? text(six) : ip.getHostAddress();
  }

  /** Such as {@code 10.0.0.1:11211} and {@code [fd00::1]:11211}. */
  @Override
  public String toString() {
    return (isIpv6() ? "[" + host() + "]" : host()) + ":" + port;
  }

  /** Without leading zeros; the first of the longest runs of zero groups is two colons. */
  private static String text(Inet6Address ip) {
    byte[] bytes = ip.getAddress();
    StringBuilder text = new StringBuilder();
    int zeros = longestRun(bytes);
    int end = zeros < 0 ? -1 : zeros + runAt(bytes, zeros);
    for (int group = 0; group < GROUPS; group++) {
      if (group == zeros) {
        text.append("::");
        group = end - 1;
      } else {
        text.append(group == 0 || group == end ? "" : ":");
        text.append(Integer.toHexString(group(bytes, group)));
      }
    }
    return text.toString();
  }

  /** Where it begins; -1 if there is none of two groups or more. */
  private static int longestRun(byte[] bytes) {
    int longest = -1;
    for (int group = 0; group < GROUPS; group++) {
      int run = runAt(bytes, group);
      if (run >= 2 && (longest < 0 || run > runAt(bytes, longest))) {
        longest = group;
      }
    }
    return longest;
  }

  private static int runAt(byte[] bytes, int start) {
    int end = start;
    while (end < GROUPS && group(bytes, end) == 0) {
      end++;
    }
    return end - start;
  }

  private static int group(byte[] bytes, int group) {
    return Byte.toUnsignedInt(bytes[2 * group]) << 8 | Byte.toUnsignedInt(bytes[2 * group + 1]);
  }
}
