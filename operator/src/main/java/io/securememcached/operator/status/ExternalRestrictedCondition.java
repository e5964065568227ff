package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.securememcached.operator.api.v1beta1.External;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.resource.ExternalAddresses;
import io.securememcached.operator.resource.ExternalServices;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.ZoneCidrs;
import io.securememcached.operator.zones.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Stream;

/**
 * Condition ExternalRestricted: clients outside of the cluster get in only from the zones'
 * networks.
 *
 * <p>The operator can't see what a load balancer enforces. What it can prove is the last step: the
 * server drops what no zone allows. That holds for the clients' own addresses; where a load
 * balancer replaced them, nobody would get in, unless a zone has the replacing address.
 */
final class ExternalRestrictedCondition {

  private static final List<Cidr> PRIVATE =
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

  private ExternalRestrictedCondition() {}

  /** Empty for a resource without addresses for clients outside of the cluster. */
  static Optional<Condition> of(StatusInput facts, Condition networkRestricted) {
    Optional<External> external = facts.primary().getSpec().externalAccess();
    List<Service> surplus = surplus(facts);
    if (external.isEmpty() && surplus.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        changed(facts)
            .or(() -> publicAddress(facts))
            .or(() -> closing(facts, surplus))
            .or(() -> withoutCidr(facts))
            .or(() -> refused(facts))
            .or(() -> pending(facts))
            .or(() -> unverifiable(facts, networkRestricted))
            .orElseGet(
                () ->
                    condition(
                        facts,
                        "True",
                        Reason.ExternalRestricted,
                        "The Services admit %s, and each server was verified to drop connections that no zone allows. The load balancer's own rules can't be seen from the cluster."
                            .formatted(text(ZoneCidrs.of(facts.primary()))))));
  }

  private static List<Service> desired(StatusInput facts) {
    return ExternalServices.desired(
        facts.primary(), facts.settings(), facts.primary().getSpec().port());
  }

  private static List<Service> surplus(StatusInput facts) {
    List<String> wanted = desired(facts).stream().map(of -> of.getMetadata().getName()).toList();
    return facts.external().stream()
        .filter(
            service ->
                !wanted.contains(service.getMetadata().getName())
                    || service.getMetadata().getDeletionTimestamp() != null)
        .toList();
  }

  /** A Service that could not be restored. */
  private static Optional<Condition> changed(StatusInput facts) {
    List<String> changes = new ArrayList<>();
    for (Service desired : desired(facts)) {
      existing(facts, desired.getMetadata().getName())
          .ifPresent(
              actual ->
                  ExternalServices.openings(actual, desired)
                      .forEach(
                          change ->
                              changes.add(actual.getMetadata().getName() + ": " + change.text())));
    }
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            condition(
                facts,
                "False",
                Reason.ExternalServiceChanged,
                "Services are not as the operator wants them: "
                    + String.join("; ", changes)
                    + ". "
                    + facts.failure().map(Failure::message).orElse("The operator restores them.")));
  }

  private static Optional<Condition> publicAddress(StatusInput facts) {
    List<String> found =
        facts.external().stream()
            .flatMap(
                service ->
                    ExternalAddresses.all(service)
                        .filter(ExternalRestrictedCondition::isPublic)
                        .map(at -> service.getMetadata().getName() + " has " + at))
            .sorted()
            .toList();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            condition(
                facts,
                "False",
                Reason.ExternalAddressPublic,
                "An address is not of a private network: %s. Check that the provider's controller is the one that spec.external.provider names; remove spec.external until then. The zones' policies still apply at each server."
                    .formatted(String.join(", ", found))));
  }

  private static boolean isPublic(String address) {
    return isAddress(address) && PRIVATE.stream().noneMatch(network -> network.contains(address));
  }

  private static boolean isAddress(String text) {
    return ServerAddress.of(text, 0).isPresent();
  }

  private static Optional<Condition> closing(StatusInput facts, List<Service> surplus) {
    return surplus.isEmpty()
        ? Optional.empty()
        : Optional.of(
            condition(
                facts,
                "Unknown",
                Reason.ExternalClosing,
                "Services are being deleted, whose load balancers may still forward connections: %s. The zones' policies apply at each server."
                    .formatted(names(surplus))));
  }

  private static Optional<Condition> withoutCidr(StatusInput facts) {
    return ZoneCidrs.of(facts.primary()).isEmpty()
        ? Optional.of(
            condition(
                facts,
                "True",
                Reason.NoCidrSource,
                "No server has an address outside of the cluster, as "
                    + (facts.lists().isEmpty()
                        ? "no source zone has a cidr. Add the clients' networks to spec.sourceZones, or remove spec.external."
                        : "the lists of the source zones have no CIDR; status.sourceLists has more.")))
        : Optional.empty();
  }

  private static Optional<Condition> refused(StatusInput facts) {
    SortedSet<String> keys = ExternalServices.refusedAnnotations(facts.primary(), facts.settings());
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(
            condition(
                facts,
                "Unknown",
                Reason.ExternalAnnotationNotAllowed,
                "Annotations of spec.external are left out, as the operator's administrator does not allow their keys: %s. Remove them, or ask the administrator to add them to the chart value external.allowedAnnotations."
                    .formatted(String.join(", ", keys))));
  }

  private static Optional<Condition> pending(StatusInput facts) {
    List<String> missing =
        desired(facts).stream()
            .map(service -> service.getMetadata().getName())
            .filter(name -> existing(facts, name).flatMap(ExternalAddresses::of).isEmpty())
            .toList();
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    boolean exist = missing.stream().allMatch(name -> existing(facts, name).isPresent());
    return Optional.of(
        exist || facts.failure().isEmpty()
            ? condition(
                facts,
                "Unknown",
                Reason.ExternalAddressPending,
                "No address yet from the load balancer's controller: %s. If it stays so, kubectl describe service has what the controller says."
                    .formatted(String.join(", ", missing)))
            : condition(
                facts,
                "Unknown",
                facts.failure().get().reason(),
                "Not created: %s. %s"
                    .formatted(String.join(", ", missing), facts.failure().get().message())));
  }

  private static Optional<Condition> unverifiable(StatusInput facts, Condition networkRestricted) {
    return whyNot(facts, networkRestricted)
        .map(why -> condition(facts, "Unknown", Reason.ExternalNotVerifiable, why));
  }

  private static Optional<String> whyNot(StatusInput facts, Condition networkRestricted) {
    if (!networkRestricted.getStatus().equals("True")) {
      return Optional.of(
          "NetworkRestricted is %s, so that only the load balancer keeps others out, which can't be seen from the cluster."
              .formatted(networkRestricted.getStatus()));
    }
    if (facts.primary().getSpec().externalAccess().map(External::provider).stream()
        .anyMatch(External.Provider.OpenStack::equals)) {
      return Optional.of(
          "It depends on Octavia's provider whether servers see the clients' addresses; see docs/external.md#openstack. If not, no client outside gets in, unless a zone has the load balancer's address.");
    }
    Optional<String> name =
        facts.external().stream()
            .flatMap(ExternalAddresses::all)
            .filter(address -> !isAddress(address))
            .findFirst();
    if (name.isPresent()) {
      return Optional.of(
          "The load balancer has the DNS name %s, whose addresses can't be seen from the cluster: check that they are private, and that no zone contains them."
              .formatted(name.get()));
    }
    for (Cidr range : ZoneCidrs.of(facts.primary())) {
      Optional<String> address = rewriting(facts).filter(range::contains).findFirst();
      if (address.isPresent()) {
        return Optional.of(
            "The zones' network %s contains %s, an address of a node or a load balancer: where the path into the cluster rewrites addresses, everybody would get in. Name narrower networks."
                .formatted(range, address.get()));
      }
    }
    return Optional.empty();
  }

  /** Addresses that packets could get on their way. */
  private static Stream<String> rewriting(StatusInput facts) {
    return Stream.concat(
        facts.pods().stream()
            .map(Pod::getStatus)
            .flatMap(Stream::ofNullable)
            .flatMap(
                status ->
                    Stream.concat(
                        Stream.ofNullable(status.getHostIP()),
                        status.getHostIPs().stream().map(HostIP::getIp))),
        facts.external().stream().flatMap(ExternalAddresses::all));
  }

  /** The Service of a server, if it exists. */
  static Optional<Service> existing(StatusInput facts, String name) {
    return facts.external().stream()
        .filter(service -> service.getMetadata().getName().equals(name))
        .filter(service -> service.getMetadata().getDeletionTimestamp() == null)
        .findFirst();
  }

  /** Whether a server should have an address outside of the cluster. */
  static boolean isWanted(SecureMemcached primary, String server) {
    return primary.getSpec().externalAccess().isPresent()
        && Names.servers(primary).contains(server);
  }

  private static String names(List<Service> services) {
    return String.join(
        ", ", services.stream().map(service -> service.getMetadata().getName()).sorted().toList());
  }

  private static String text(List<Cidr> ranges) {
    return String.join(", ", ranges.stream().map(Cidr::toString).toList());
  }

  private static Condition condition(
      StatusInput facts, String status, Reason reason, String message) {
    return Conditions.of(facts, Conditions.EXTERNAL_RESTRICTED, status, reason, message);
  }
}
