package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.rotation.Logins;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** All children of a resource. */
public final class Children {

  private Children() {}

  /**
   * The children in the order in which they are applied.
   *
   * <p>NetworkPolicies come first, as no server may run unselected by a policy. Then what a pod
   * needs to start, with a server's login before the server itself, which makes scaling out safe.
   * Credentials for clients follow the sasldb that contains them. Services for clients outside of
   * the cluster come last.
   */
  public static List<HasMetadata> desired(
      SecureMemcached primary, Settings settings, Logins logins) {
    List<HasMetadata> children = new ArrayList<>(policies(primary, settings, Set.of()));
    byte[] sasldb = Credentials.sasldb(primary, logins, List.of(), primary.getSpec().replicas());
    children.addAll(
        protectedByPolicies(primary, settings, logins, sasldb, primary.getSpec().port()));
    // Last, as nothing else may wait for a quota of load balancers.
    children.addAll(
        ExternalServices.desired(primary, settings, List.of(), primary.getSpec().port()));
    return children;
  }

  /**
   * The NetworkPolicies, which depend on nothing but the resource.
   *
   * @param portsInUse ports of servers that don't have the requested settings yet, to which the
   *     same sources are allowed
   */
  public static List<NetworkPolicy> policies(
      SecureMemcached primary, Settings settings, Set<Integer> portsInUse) {
    SortedSet<Integer> ports = new TreeSet<>(portsInUse);
    ports.add(primary.getSpec().port());
    List<NetworkPolicy> policies = new ArrayList<>();
    policies.add(Policies.defaultDeny(primary));
    policies.add(Policies.operator(primary, settings, ports));
    Policies.mesh(primary, settings.mesh(), ports).ifPresent(policies::add);
    SortedSet<Integer> withMesh = new TreeSet<>(ports);
    withMesh.addAll(settings.mesh().ports());
    primary
        .getSpec()
        .sourceZones()
        .forEach(zone -> policies.add(Policies.zone(primary, zone, withMesh)));
    return policies;
  }

  /**
   * All others.
   *
   * @param sasldb with these logins, for all servers that are wanted or still exist
   * @param port that clients are told: that of the servers as long as none has another one
   */
  public static List<HasMetadata> protectedByPolicies(
      SecureMemcached primary, Settings settings, Logins logins, byte[] sasldb, int port) {
    List<HasMetadata> children = new ArrayList<>();
    children.add(Secrets.operator(primary, logins, sasldb));
    children.add(Secrets.sasl(primary, logins, sasldb));
    for (String user : Credentials.clientUsersOf(primary, logins)) {
      logins
          .of(user)
          .current()
          .ifPresent(login -> children.add(Secrets.credentials(primary, login, user, port)));
    }
    children.add(ServerAccount.desired(primary));
    children.add(Services.nodes(primary, port));
    children.add(Services.clients(primary, port));
    children.add(Servers.desired(primary, settings, logins.restarts()));
    DisruptionBudget.desired(primary).ifPresent(children::add);
    return children;
  }
}
