package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.Cidr;
import java.util.List;
import java.util.Optional;

/**
 * The networks outside of the cluster that the source zones of a resource allow: the only place
 * that knows them, for load balancers.
 */
public final class ZoneCidrs {

  /** As the rules of the CRD have it: a wider one holds a large part of the internet. */
  private static final int WIDEST_IPV4 = 8;

  private static final int WIDEST_IPV6 = 16;

  /** Unique local addresses (RFC 4193), of which none is public. */
  private static final Cidr UNIQUE_LOCAL = Cidr.parse("fc00::/7").orElseThrow();

  private ZoneCidrs() {}

  /**
   * All networks, sorted and without those that others contain. What the rules of the CRD reject is
   * left out: a resource may be older than they are.
   */
  public static List<Cidr> of(SecureMemcached primary) {
    return Cidr.canonical(
        primary.getSpec().sourceZones().stream()
            .flatMap(zone -> zone.sources().stream())
            .map(source -> Cidr.parse(source.cidr()))
            .flatMap(Optional::stream)
            .filter(ZoneCidrs::isNarrow)
            .toList());
  }

  private static boolean isNarrow(Cidr network) {
    return UNIQUE_LOCAL.contains(network)
        || network.prefix() >= (network.isIpv6() ? WIDEST_IPV6 : WIDEST_IPV4);
  }
}
