package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.sasl.Realms;
import io.securememcached.operator.sasl.SaslEntry;
import java.util.List;
import java.util.stream.Stream;

/** Which users a resource has, and what of their logins goes into which Secret. */
public final class Credentials {

  /** User name of the operator's own login. */
  public static final String OPERATOR_USER = "securememcached-operator";

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

  /** The sasldb's contents: each login in the realm of each server, those to come included. */
  static List<SaslEntry> entries(SecureMemcached primary, Logins logins) {
    List<String> realms = Realms.of(primary.getMetadata().getName(), primary.getSpec().replicas());
    return logins.all().stream().flatMap(login -> entries(login, realms)).toList();
  }

  private static Stream<SaslEntry> entries(Login login, List<String> realms) {
    return realms.stream().map(realm -> new SaslEntry(login.name(), realm, login.password()));
  }
}
