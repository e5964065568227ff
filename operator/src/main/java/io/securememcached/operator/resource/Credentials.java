package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.sasl.Realms;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** The users of a resource, and which part of their logins goes into which Secret. */
public final class Credentials {

  /** User name of the operator's own login. */
  public static final String OPERATOR_USER = "securememcached-operator";

  /** A Secret holds 1 MiB; beside the sasldb there is the operator's login or a short file. */
  public static final int MAX_SASLDB_BYTES = (1024 - 8) * 1024;

  /**
   * Most logins of a resource at a time, of which 17 users need 51 at most: the others are those of
   * users who leave. Their records are an annotation, of which Kubernetes allows 256 KiB.
   */
  private static final int MOST_LOGINS = 128;

  private Credentials() {}

  /** The users for clients: those of the spec, or one named after the resource. */
  public static List<User> clientUsersOf(SecureMemcached primary) {
    List<User> users = primary.getSpec().users();
    return users.isEmpty() ? List.of(new User(primary.getMetadata().getName())) : users;
  }

  /** Names of all users, the operator's own one last. */
  public static List<String> usersOf(SecureMemcached primary) {
    return Stream.concat(clientUsersOf(primary).stream().map(User::name), Stream.of(OPERATOR_USER))
        .toList();
  }

  /** Users with logins whom the spec no longer has: their logins end. */
  public static List<String> leavingUsersOf(SecureMemcached primary, Logins logins) {
    List<String> users = usersOf(primary);
    return logins.users().keySet().stream().filter(user -> !users.contains(user)).toList();
  }

  /** Names of all users with a Secret for clients: those of the spec, then those who leave it. */
  public static List<String> clientUsersOf(SecureMemcached primary, Logins logins) {
    return Stream.concat(
            clientUsersOf(primary).stream().map(User::name),
            leavingUsersOf(primary, logins).stream())
        .toList();
  }

  /**
   * The sasldb: each login in the realm of each server, future servers included. Where that exceeds
   * a Secret, future servers are omitted first, then the servers with the highest numbers, which
   * then accept no login.
   *
   * @param exporter the exporter's logins, with other names than the clients'
   * @param servers number of servers, requested or still existing
   */
  public static byte[] sasldb(
      SecureMemcached primary, Logins logins, List<Login> exporter, int servers) {
    String name = primary.getMetadata().getName();
    List<Login> accepted = Stream.concat(logins.all().stream(), exporter.stream()).toList();
    List<SaslEntry> all = entries(accepted, Realms.of(name, servers));
    if (SaslDb.fits(all, MAX_SASLDB_BYTES)) {
      return SaslDb.write(all);
    }
    int covered = covered(primary, accepted, servers);
    return SaslDb.write(entries(accepted, Realms.exactly(name, covered)));
  }

  /** For how many servers a sasldb can hold these logins. */
  public static int covered(SecureMemcached primary, Collection<Login> logins, int servers) {
    int covered = servers;
    while (covered > 0 && !fits(primary, logins, covered)) {
      covered--;
    }
    return covered;
  }

  /** Whether another login can be created, given all there would be. */
  public static boolean hasRoom(SecureMemcached primary, Collection<Login> logins, int servers) {
    return logins.size() <= MOST_LOGINS && fits(primary, logins, servers);
  }

  /** Whether a sasldb can hold these logins in the realm of each server. */
  public static boolean fits(SecureMemcached primary, Collection<Login> logins, int servers) {
    return SaslDb.fits(
        entries(logins, Realms.exactly(primary.getMetadata().getName(), servers)),
        MAX_SASLDB_BYTES);
  }

  /** Length of the sasldb with these logins in the realm of each server, in bytes. */
  public static int bytes(SecureMemcached primary, Collection<Login> logins, int servers) {
    return SaslDb.write(entries(logins, Realms.exactly(primary.getMetadata().getName(), servers)))
        .length;
  }

  private static List<SaslEntry> entries(Collection<Login> logins, List<String> realms) {
    return logins.stream()
        .flatMap(
            login ->
                realms.stream().map(realm -> new SaslEntry(login.name(), realm, login.password())))
        .toList();
  }
}
