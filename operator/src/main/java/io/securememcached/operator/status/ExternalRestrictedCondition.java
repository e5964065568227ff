package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.securememcached.operator.api.v1beta1.External;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
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

  /** What else ends a conflict of names. */
  private static final String NAMES =
      " Names of these objects begin with the resource's: rename one of the two resources, or remove spec.external here.";

  private static final String REPLACED =
      " The operator creates them anew once they are gone; nothing else waits for it.";

  private static final String KEPT =
      "Services keep those of their source ranges that the zones still have, and none is added, as ";

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
            .or(() -> failed(facts))
            .or(() -> withoutRanges(facts))
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
        facts.primary(), facts.settings(), facts.external(), facts.primary().getSpec().port());
  }

  private static Stream<String> desiredNames(StatusInput facts) {
    return desired(facts).stream().map(service -> service.getMetadata().getName());
  }

  private static List<Service> surplus(StatusInput facts) {
    List<String> wanted = desiredNames(facts).toList();
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
                "Services are not as the operator wants them: %s. %s"
                    .formatted(
                        String.join("; ", changes),
                        facts
                            .externalFailure()
                            .or(facts::failure)
                            .map(Failure::message)
                            .orElse("The operator restores them."))));
  }

  private static Optional<Condition> publicAddress(StatusInput facts) {
    List<String> found =
        facts.external().stream()
            .flatMap(
                service ->
                    ExternalAddresses.all(service)
                        .filter(PrivateNetworks::isPublic)
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

  private static Optional<Condition> closing(StatusInput facts, List<Service> surplus) {
    return surplus.isEmpty()
        ? Optional.empty()
        : Optional.of(
            condition(
                facts,
                "Unknown",
                Reason.ExternalClosing,
                "Services are being deleted, whose load balancers may still forward connections: %s. The zones' policies apply at each server.%s If it stays so, the load balancer's controller has not removed its finalizer: kubectl describe service has what it says."
                    .formatted(names(surplus), isReplaced(facts, surplus) ? REPLACED : "")));
  }

  private static boolean isReplaced(StatusInput facts, List<Service> deleted) {
    return desiredNames(facts)
        .anyMatch(name -> deleted.stream().anyMatch(of -> of.getMetadata().getName().equals(name)));
  }

  /** The API server rejects something, or a name is taken. */
  private static Optional<Condition> failed(StatusInput facts) {
    List<String> missing =
        desiredNames(facts).filter(name -> existing(facts, name).isEmpty()).toList();
    return facts
        .externalFailure()
        .or(() -> missing.isEmpty() ? Optional.empty() : facts.failure())
        .map(
            failure ->
                condition(
                    facts,
                    "Unknown",
                    failure.reason(),
                    (missing.isEmpty()
                            ? "Not applied. "
                            : "Not created: %s. ".formatted(String.join(", ", missing)))
                        + failure.message()
                        + (failure.reason() == Reason.NameConflict ? NAMES : "")));
  }

  private static Optional<Condition> withoutRanges(StatusInput facts) {
    List<Cidr> networks = ZoneCidrs.of(facts.primary());
    String none = "No server has an address outside of the cluster, as ";
    if (!Cidr.areNarrow(networks)) {
      String text =
          (facts.external().isEmpty() ? none : KEPT)
              + "the networks of spec.sourceZones together are wider than one /8 (IPv6: one /16) of the internet. Name those that need the cache, or remove spec.external.";
      return Optional.of(condition(facts, "Unknown", Reason.ExternalSourcesTooWide, text));
    }
    String text =
        facts.lists().isEmpty()
            ? "no source zone has a cidr. Add the clients' networks to spec.sourceZones, or remove spec.external."
            : "the lists of the source zones have no CIDR; status.sourceLists has more.";
    return networks.isEmpty()
        ? Optional.of(condition(facts, "True", Reason.NoCidrSource, none + text))
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
        desiredNames(facts)
            .filter(name -> existing(facts, name).flatMap(ExternalAddresses::of).isEmpty())
            .toList();
    if (missing.isEmpty() && facts.outdated().isEmpty()) {
      return Optional.empty();
    }
    String message =
        missing.isEmpty()
            ? "The addresses are not yet in the Secrets for clients outside: %s. The operator writes them next."
                .formatted(String.join(", ", facts.outdated()))
            : "No address yet from the load balancer's controller: %s. If it stays so, kubectl describe service has what the controller says."
                .formatted(String.join(", ", missing));
    return Optional.of(condition(facts, "Unknown", Reason.ExternalAddressPending, message));
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
            .filter(address -> !PrivateNetworks.isAddress(address))
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
