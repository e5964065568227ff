package io.securememcached.operator.status;

import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.zones.Cidr;
import java.util.List;
import java.util.stream.Stream;

/** Networks that the internet does not route. */
final class PrivateNetworks {

  private static final List<Cidr> ALL =
      Stream.of(
              // RFC 1918, RFC 6598, RFC 3927, RFC 1122, RFC 4193, RFC 4291.
              "10.0.0.0/8",
              "172.16.0.0/12",
              "192.168.0.0/16",
              "100.64.0.0/10",
              "169.254.0.0/16",
              "127.0.0.0/8",
              "fc00::/7",
              "fe80::/10")
          .flatMap(text -> Cidr.read(text).stream())
          .toList();

  private PrivateNetworks() {}

  /** Whether it is an address of the internet; false for a DNS name. */
  static boolean isPublic(String address) {
    return isAddress(address) && ALL.stream().noneMatch(network -> network.contains(address));
  }

  /** Whether it is an address, and no DNS name. */
  static boolean isAddress(String text) {
    return ServerAddress.of(text, 0).isPresent();
  }
}
