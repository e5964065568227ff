package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.zones.Cidr;
import java.util.List;
import java.util.Optional;

/**
 * The networks outside of the cluster that the source zones of a resource allow: the only place
 * that knows them, for load balancers.
 */
public final class ZoneCidrs {

  private ZoneCidrs() {}

  /**
   * All networks, sorted and without those that others contain. What the rules of the CRD reject is
   * left out: a resource may be older than they are.
   */
  public static List<Cidr> of(SecureMemcached primary) {
    return Cidr.canonical(
        primary.getSpec().sourceZones().stream()
            .flatMap(zone -> zone.sources().stream())
            .map(source -> Cidr.read(source.cidr()))
            .flatMap(Optional::stream)
            .filter(Cidr::isNarrow)
            .toList());
  }
}
