package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.securememcached.operator.api.v1beta1.Binding;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.ServerExternal;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.api.v1beta1.SourceZone;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.ExternalAddresses;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.resource.ZoneCidrs;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.zones.LoadedList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The only builder of the status. Equal input gives an equal status. {@link #failed} is the
 * fallback for a status that can't be built.
 */
public final class StatusBuilder {

  private StatusBuilder() {}

  /** The status for the input. */
  public static SecureMemcachedStatus build(StatusInput facts) {
    SecureMemcached primary = facts.primary();
    if (!primary.getUnreadable().isEmpty()
        || facts.failure().filter(of -> of.reason() == Reason.NamespaceUnreadable).isPresent()) {
      return unreadable(facts);
    }
    Settings settings = facts.settings().keeping(facts.servers());
    SecureMemcachedStatus last = primary.getStatus();
    long ready = facts.pods().stream().filter(Pods::isReady).count();
    return new SecureMemcachedStatus(
        facts.generation(),
        conditions(facts),
        facts.pods().size(),
        ready + "/" + facts.wanted(),
        Labels.serverSelectorText(primary),
        servers(facts),
        Scaling.of(facts).orElse(null),
        primary.getSpec().sourceZones().stream()
            .map(SourceZone::name)
            .collect(Collectors.joining(",")),
        facts.lists().stream().map(LoadedList::toStatus).toList(),
        settings.imageOf(primary),
        primary.getSpec().image().reference().isEmpty() ? settings.flavorOf(primary).name() : "",
        CredentialStatuses.of(facts),
        new Binding(
            Names.credentials(primary, Credentials.clientUsersOf(primary).getFirst().name())),
        Names.sasl(primary),
        facts.settings().operatorNamespace(),
        facts.rollout().map(Rollout::toStatus).orElse(last.pendingUpdates()),
        facts.rollout().map(Rollout::id).orElse(last.updateId()),
        facts.pausedSince());
  }

  /**
   * For an unreadable spec or namespace: what depends on it is kept from the last status, a proof
   * as long as it is valid.
   */
  private static SecureMemcachedStatus unreadable(StatusInput facts) {
    SecureMemcachedStatus last = facts.primary().getStatus();
    List<Condition> conditions = new ArrayList<>(stages(facts));
    conditions.addFirst(ReadyCondition.of(facts, conditions));
    last.conditions().stream()
        .filter(condition -> Conditions.find(conditions, condition.getType()).isEmpty())
        .map(condition -> ProofCondition.kept(facts, condition))
        .forEach(conditions::add);
    return new SecureMemcachedStatus(
        facts.generation(),
        conditions,
        last.replicas(),
        last.readyServers(),
        Labels.serverSelectorText(facts.primary()),
        last.servers(),
        last.scaling(),
        last.zones(),
        last.sourceLists(),
        last.image(),
        last.flavor(),
        last.credentials(),
        last.binding(),
        last.saslSecret(),
        last.operatorNamespace(),
        last.pendingUpdates(),
        last.updateId(),
        facts.pausedSince());
  }

  /** A list that can't be used is a failure, though everything else is applied. */
  private static Condition policiesApplied(StatusInput facts) {
    Condition applied =
        StageCondition.of(
            facts,
            Conditions.NETWORK_POLICIES_APPLIED,
            Stage.NETWORK_POLICIES,
            "The default-deny policy, the operator's policy and one policy per source zone are applied.");
    String problems =
        facts.lists().stream()
            .flatMap(list -> list.describe().stream())
            .collect(Collectors.joining(" "));
    return problems.isEmpty() || !applied.getStatus().equals("True")
        ? applied
        : Conditions.of(
            facts,
            Conditions.NETWORK_POLICIES_APPLIED,
            "False",
            Reason.SourceListUnusable,
            problems);
  }

  private static List<Condition> stages(StatusInput facts) {
    return List.of(
        policiesApplied(facts),
        CredentialsReadyCondition.of(facts),
        ServersReadyCondition.of(facts));
  }

  /**
   * The status of a resource whose state is unknown: not ready, all other conditions Unknown. Of
   * the last status only what the operator needs is kept.
   *
   * @param facts only the resource and the time
   */
  public static SecureMemcachedStatus failed(StatusInput facts, Failure failure) {
    SecureMemcached primary = facts.primary();
    SecureMemcachedStatus last = primary.getStatus();
    List<Condition> conditions = new ArrayList<>();
    List<String> types = new ArrayList<>(Conditions.TYPES);
    primary.getSpec().externalAccess().ifPresent(of -> types.add(Conditions.EXTERNAL_RESTRICTED));
    for (String type : types) {
      conditions.add(
          Conditions.of(
              facts,
              type,
              type.equals(Conditions.READY) ? "False" : "Unknown",
              failure.reason(),
              failure.message()));
    }
    return new SecureMemcachedStatus(
        primary.getMetadata().getGeneration(),
        conditions,
        last.replicas(),
        "",
        last.selector(),
        List.of(),
        last.scaling(),
        last.zones(),
        last.sourceLists(),
        last.image(),
        last.flavor(),
        last.credentials(),
        last.binding(),
        last.saslSecret(),
        last.operatorNamespace(),
        last.pendingUpdates(),
        last.updateId(),
        facts.pausedSince());
  }

  private static List<Condition> conditions(StatusInput facts) {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(policiesApplied(facts));
    conditions.add(CredentialsReadyCondition.of(facts));
    conditions.add(ProofCondition.saslEnforced(facts));
    Condition networkRestricted = ProofCondition.networkRestricted(facts);
    conditions.add(networkRestricted);
    conditions.add(NotExposedCondition.of(facts));
    conditions.add(ServersReadyCondition.of(facts));
    conditions.addFirst(ReadyCondition.of(facts, conditions));
    // Last, as Ready depends on none of them.
    conditions.add(ImageCondition.of(facts));
    conditions.add(UpToDateCondition.of(facts));
    ExternalRestrictedCondition.of(facts, networkRestricted).ifPresent(conditions::add);
    return conditions;
  }

  private static List<ServerStatus> servers(StatusInput facts) {
    return facts.pods().stream()
        .sorted(Comparator.comparingInt(pod -> ordinal(facts.primary(), pod)))
        .map(pod -> server(facts, pod))
        .toList();
  }

  private static ServerStatus server(StatusInput facts, Pod pod) {
    String name = pod.getMetadata().getName();
    Optional<Verification> found =
        Optional.ofNullable(facts.verifications().get(pod.getMetadata().getUid()));
    return new ServerStatus(
        name,
        Names.host(facts.primary(), name),
        Pods.address(pod, Pods.port(facts.primary(), pod)).map(ServerAddress::toString).orElse(""),
        name,
        Pods.isReady(pod),
        found.map(Verification::version).orElse(Quoted.NOTHING),
        found.map(verification -> verification.at().toString()).orElse(""),
        found.stream().flatMap(of -> of.findings().stream()).map(Finding::toStatus).toList(),
        ExternalRestrictedCondition.isWanted(facts.primary(), name)
            ? external(facts, Names.external(name))
            : null);
  }

  private static ServerExternal external(StatusInput facts, String service) {
    Optional<Service> existing = ExternalRestrictedCondition.existing(facts, service);
    Optional<String> address = existing.flatMap(ExternalAddresses::of);
    return new ServerExternal(
        service,
        address.map(Quoted::of).orElse(Quoted.NOTHING),
        existing
            .flatMap(of -> of.getSpec().getPorts().stream().findFirst())
            .map(ServicePort::getPort)
            .orElseGet(() -> facts.primary().getSpec().port()),
        address.isPresent()
            ? ""
            : existing.isPresent()
                ? "the load balancer's controller has given no address yet"
                : ZoneCidrs.of(facts.primary()).isEmpty()
                    ? "no source zone has a network outside of the cluster"
                    : "the Service does not exist yet");
  }

  private static int ordinal(SecureMemcached primary, Pod pod) {
    return Names.ordinal(primary, pod.getMetadata().getName()).orElse(Integer.MAX_VALUE);
  }
}
