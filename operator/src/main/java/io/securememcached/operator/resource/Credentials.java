package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.sasl.Realms;
import io.securememcached.operator.sasl.SaslEntry;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Passwords by user name, the operator's own login among them.
 *
 * @param passwords every user of {@link #usersOf} has an entry
 */
public record Credentials(Map<String, String> passwords) {

  /** User name of the operator's own login. */
  public static final String OPERATOR_USER = "securememcached-operator";

  public Credentials {
    passwords = Collections.unmodifiableMap(new TreeMap<>(passwords));
  }

  /** The logins for clients: those of the spec, or one named after the resource. */
  public static List<String> clientUsersOf(SecureMemcached primary) {
    List<User> users = primary.getSpec().users();
    return users.isEmpty()
        ? List.of(primary.getMetadata().getName())
        : users.stream().map(User::name).toList();
  }

  /** All logins, the operator's own one last. */
  public static List<String> usersOf(SecureMemcached primary) {
    return Stream.concat(clientUsersOf(primary).stream(), Stream.of(OPERATOR_USER)).toList();
  }

  /** The password of a user. */
  public String passwordOf(String user) {
    return passwords.get(user);
  }

  /** The sasldb's contents: each user in the realm of each server, those to come included. */
  List<SaslEntry> entriesFor(SecureMemcached primary) {
    List<String> realms = Realms.of(primary.getMetadata().getName(), primary.getSpec().replicas());
    return passwords.entrySet().stream()
        .flatMap(
            login ->
                realms.stream()
                    .map(realm -> new SaslEntry(login.getKey(), realm, login.getValue())))
        .toList();
  }

  /** Without the passwords. */
  @Override
  public String toString() {
    return "Credentials" + passwords.keySet();
  }
}
