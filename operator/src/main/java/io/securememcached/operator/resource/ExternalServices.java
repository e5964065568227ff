package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.securememcached.operator.api.v1beta1.External;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.zones.Cidr;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One Service of type LoadBalancer for each server, for clients outside of the cluster that a
 * zone's cidr names (docs/adr/0037-external-addresses.md).
 *
 * <p>There is none without such a zone: Kubernetes takes an empty list of source ranges for
 * everybody. With {@code externalTrafficPolicy: Local} servers see the client's own address, so
 * that the zones' policies decide at the pod as well.
 */
public final class ExternalServices {

  private static final String COMPONENT = "external";

  private ExternalServices() {}

  /**
   * The Services; none while no zone has a cidr. While all networks together admit a large part of
   * the internet, the existing ones stay, with those of their ranges that the zones still have.
   *
   * @param existing Services of the resource
   * @param port of the servers
   */
  public static List<Service> desired(
      SecureMemcached primary, Settings settings, Collection<Service> existing, int port) {
    List<Cidr> all = ZoneCidrs.of(primary);
    boolean areNarrow = Cidr.areNarrow(all);
    List<Service> services = new ArrayList<>();
    for (External external : primary.getSpec().externalAccess().stream().toList()) {
      for (String server : Names.servers(primary)) {
        List<Cidr> ranges = areNarrow ? all : kept(existing, Names.external(server), all);
        if (!ranges.isEmpty()) {
          services.add(service(primary, settings, external, server, ranges, port));
        }
      }
    }
    return services;
  }

  /** The ranges that an existing Service and the zones both admit, unless these are wide, too. */
  private static List<Cidr> kept(Collection<Service> existing, String name, List<Cidr> all) {
    return existing.stream()
        .filter(service -> service.getMetadata().getName().equals(name))
        .map(service -> Cidr.intersection(ranges(service), all))
        .filter(Cidr::areNarrow)
        .findFirst()
        .orElse(List.of());
  }

  private static Service service(
      SecureMemcached primary,
      Settings settings,
      External external,
      String server,
      List<Cidr> ranges,
      int port) {
    Map<String, String> annotations = new TreeMap<>(external.annotations());
    annotations.keySet().retainAll(settings.externalAnnotations());
    annotations.putAll(LoadBalancers.annotations(external.provider()));
    Map<String, String> selector = new TreeMap<>(Labels.serverSelector(primary));
    selector.put(Services.POD_NAME, server);
    return new ServiceBuilder()
        .withMetadata(
            Labels.meta(primary, Names.external(server), COMPONENT)
                // Not those for all children, as an annotation can open a load balancer.
                .withAnnotations(annotations)
                .build())
        .withNewSpec()
        .withType("LoadBalancer")
        .withSelector(selector)
        .withExternalTrafficPolicy("Local")
        .withAllocateLoadBalancerNodePorts(LoadBalancers.needsNodePorts(external.provider()))
        .withLoadBalancerSourceRanges(texts(ranges))
        .withIpFamilies(families(ranges))
        .addNewPort()
        .withName(Servers.PORT_NAME)
        .withProtocol("TCP")
        .withPort(port)
        .withNewTargetPort(Servers.PORT_NAME)
        .endPort()
        .endSpec()
        .build();
  }

  /**
   * The family of an only one; the cluster's choice for both. kube-proxy ignores ranges of the
   * other family, and where none is left it lets everybody in.
   */
  private static List<String> families(List<Cidr> ranges) {
    List<String> families = ranges.stream().map(ExternalServices::family).distinct().toList();
    return families.size() == 1 ? families : List.of();
  }

  private static String family(Cidr range) {
    return range.isIpv6() ? "IPv6" : "IPv4";
  }

  private static List<String> texts(Collection<Cidr> ranges) {
    return ranges.stream().map(Cidr::toString).toList();
  }

  /** Annotations that the administrator has not allowed, which are left out; sorted. */
  public static SortedSet<String> refusedAnnotations(SecureMemcached primary, Settings settings) {
    SortedSet<String> refused =
        new TreeSet<>(
            primary
                .getSpec()
                .externalAccess()
                .map(External::annotations)
                .orElse(Map.of())
                .keySet());
    refused.removeAll(settings.externalAnnotations());
    return refused;
  }

  /** Whether a child is one of these Services, superfluous ones included. */
  public static boolean isOne(SecureMemcached primary, HasMetadata child) {
    return child instanceof Service
        && server(primary, child.getMetadata().getName()).isPresent()
        && Labels.isChildOf(primary, child)
        && COMPONENT.equals(child.getMetadata().getLabels().get(Labels.COMPONENT));
  }

  /** The server that a Service of this name leads to. */
  private static Optional<String> server(SecureMemcached primary, String service) {
    String end = Names.external("");
    return Optional.of(service)
        .filter(name -> name.endsWith(end))
        .map(name -> name.substring(0, name.length() - end.length()))
        .filter(server -> Names.ordinal(primary, server).isPresent());
  }

  /**
   * The step before the policies are changed: the desired Service with only those of its ranges
   * that the existing one has, too; where there are none, the desired one, as the policies still
   * drop what is new. Empty where that takes nothing away.
   */
  public static Optional<Service> narrowed(Service now, Service desired) {
    return Optional.of(within(now, desired)).filter(narrowed -> !changes(now, narrowed).isEmpty());
  }

  /** What of a Service opens its server to more than the desired one does. */
  public static List<Change> openings(Service now, Service desired) {
    return changes(now, within(now, desired));
  }

  /**
   * The desired Service with the ranges that both admit, or with all if there are none. Ranges of a
   * family that the existing one has not don't count: without others it would let everybody in.
   */
  private static Service within(Service now, Service desired) {
    List<String> wanted = desired.getSpec().getLoadBalancerSourceRanges();
    if (now.getSpec().getLoadBalancerSourceRanges().equals(wanted)) {
      return desired;
    }
    List<String> families = now.getSpec().getIpFamilies();
    List<Cidr> both =
        Cidr.intersection(ranges(now), ranges(desired)).stream()
            .filter(range -> families.isEmpty() || families.contains(family(range)))
            .toList();
    return both.isEmpty()
        ? desired
        : new ServiceBuilder(desired)
            .editSpec()
            .withLoadBalancerSourceRanges(texts(both))
            .endSpec()
            .build();
  }

  /** Whether an existing Service can't be changed to the desired one: its family is final. */
  public static boolean isOtherFamily(Service now, Service desired) {
    List<String> families = desired.getSpec().getIpFamilies();
    return !families.isEmpty() && !families.containsAll(now.getSpec().getIpFamilies());
  }

  private static List<Cidr> ranges(Service service) {
    return Cidr.canonical(
        service.getSpec().getLoadBalancerSourceRanges().stream()
            .map(Cidr::read)
            .flatMap(Optional::stream)
            .toList());
  }

  /**
   * A difference that could open a server to others.
   *
   * @param field that the operator applies, below the spec or the annotations; empty for one that
   *     it never applies, so that somebody else has added it
   * @param text for users
   */
  public record Change(String field, String text) {}

  /** What of a Service differs from the desired one and could open its server to others. */
  public static List<Change> changes(Service actual, Service desired) {
    ServiceSpec now = actual.getSpec();
    ServiceSpec wanted = desired.getSpec();
    List<Change> changes = new ArrayList<>();
    if (!"LoadBalancer".equals(now.getType())) {
      changes.add(new Change("type", "type was " + now.getType()));
    }
    if (!now.getLoadBalancerSourceRanges().equals(wanted.getLoadBalancerSourceRanges())) {
      changes.add(
          new Change(
              "loadBalancerSourceRanges",
              "loadBalancerSourceRanges was "
                  + (now.getLoadBalancerSourceRanges().isEmpty()
                      ? "empty"
                      : String.join(", ", now.getLoadBalancerSourceRanges()))));
    }
    if (!"Local".equals(now.getExternalTrafficPolicy())) {
      changes.add(
          new Change(
              "externalTrafficPolicy",
              "externalTrafficPolicy was " + now.getExternalTrafficPolicy()));
    }
    if (!Objects.equals(now.getSelector(), wanted.getSelector())) {
      changes.add(new Change("selector", "selector was changed"));
    }
    if (now.getPorts().size() != wanted.getPorts().size()) {
      changes.add(new Change("", "ports were added"));
    }
    if (!LoadBalancers.hasNodePorts(wanted) && LoadBalancers.hasNodePorts(now)) {
      changes.add(
          new Change("allocateLoadBalancerNodePorts", "a port of every node led to the server"));
    }
    if (!now.getExternalIPs().isEmpty()) {
      changes.add(new Change("", "externalIPs were added"));
    }
    if (now.getLoadBalancerIP() != null) {
      changes.add(new Change("", "loadBalancerIP was set"));
    }
    if (Boolean.TRUE.equals(now.getPublishNotReadyAddresses())) {
      changes.add(new Change("", "servers that are not ready were published"));
    }
    Map<String, String> annotations = annotations(desired);
    new TreeMap<>(annotations(actual))
        .forEach(
            (key, value) -> {
              if (LoadBalancers.isDecisive(key) && !value.equals(annotations.get(key))) {
                changes.add(new Change(key, "annotation " + key + " was added or changed"));
              }
            });
    return changes;
  }

  /** The annotations that an existing Service may keep beside the desired ones. */
  public static Map<String, String> keptAnnotations(Service actual, Service desired) {
    Map<String, String> kept = new HashMap<>(annotations(actual));
    kept.keySet().removeIf(LoadBalancers::isDecisive);
    kept.putAll(annotations(desired));
    return kept;
  }

  private static Map<String, String> annotations(Service service) {
    return Objects.requireNonNullElse(service.getMetadata().getAnnotations(), Map.of());
  }
}
