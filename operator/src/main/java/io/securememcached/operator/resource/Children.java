package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.ArrayList;
import java.util.List;

/** All children of a resource. */
public final class Children {

  private Children() {}

  /**
   * The children in the order in which they are written.
   *
   * <p>Policies come first: no server may run that no policy selects. Then what a pod needs to
   * start, and a server's login before the server itself, which makes scaling out safe. Credentials
   * for clients follow the sasldb that knows them.
   */
  public static List<HasMetadata> desired(
      SecureMemcached primary, Settings settings, Credentials credentials) {
    List<HasMetadata> children = new ArrayList<>();
    children.add(Policies.defaultDeny(primary));
    children.add(Policies.operator(primary, settings));
    primary.getSpec().sourceZones().forEach(zone -> children.add(Policies.zone(primary, zone)));
    children.add(Secrets.operator(primary, credentials));
    children.add(Secrets.sasl(primary, credentials));
    Credentials.clientUsersOf(primary)
        .forEach(user -> children.add(Secrets.credentials(primary, credentials, user)));
    children.add(ServerAccount.desired(primary));
    children.add(Services.nodes(primary));
    children.add(Services.clients(primary));
    children.add(Servers.desired(primary, settings));
    DisruptionBudget.desired(primary).ifPresent(children::add);
    return children;
  }
}
