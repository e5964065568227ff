package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Addresses that load balancers have given the servers, and the Secrets that tell clients. */
public final class ExternalAddresses {

  private ExternalAddresses() {}

  /**
   * The address of a Service of type LoadBalancer; empty until its controller has given it one.
   *
   * @return an IP address, else a DNS name
   */
  public static Optional<String> of(Service service) {
    return all(service).findFirst();
  }

  /** All addresses and DNS names of a Service of type LoadBalancer. */
  public static Stream<String> all(Service service) {
    return Stream.ofNullable(service.getStatus())
        .flatMap(status -> Stream.ofNullable(status.getLoadBalancer()))
        .flatMap(balancer -> balancer.getIngress().stream())
        .flatMap(ExternalAddresses::of)
        .filter(address -> !address.isEmpty());
  }

  private static Stream<String> of(LoadBalancerIngress ingress) {
    return Stream.of(
            Optional.ofNullable(ingress.getIp()), Optional.ofNullable(ingress.getHostname()))
        .flatMap(Optional::stream);
  }

  /**
   * The Secrets for clients outside of the cluster. They appear once every server has an address: a
   * client that begins with some of them would move its keys again. Later they have those that
   * exist.
   *
   * @param services the existing Services of this resource, as {@link ExternalServices} names them
   * @param exists whether a Secret of this name exists
   */
  public static List<Secret> secrets(
      SecureMemcached primary,
      Logins logins,
      List<Service> services,
      Predicate<String> exists,
      int port) {
    Map<String, String> addresses = new TreeMap<>();
    services.forEach(
        service -> of(service).ifPresent(at -> addresses.put(service.getMetadata().getName(), at)));
    List<String> servers = Names.servers(primary);
    List<String> hosts =
        servers.stream()
            .map(server -> addresses.get(Names.external(server)))
            .filter(Objects::nonNull)
            .toList();
    if (hosts.isEmpty()) {
      return List.of();
    }
    return Credentials.clientUsersOf(primary, logins).stream()
        .filter(
            user ->
                hosts.size() == servers.size()
                    || exists.test(Names.externalCredentials(primary, user)))
        .flatMap(
            user ->
                logins.of(user).current().stream()
                    .map(login -> secret(primary, login, user, hosts, port)))
        .toList();
  }

  private static Secret secret(
      SecureMemcached primary, Login login, String user, List<String> hosts, int port) {
    return Secrets.externalCredentials(primary, login, user, hosts, port);
  }
}
