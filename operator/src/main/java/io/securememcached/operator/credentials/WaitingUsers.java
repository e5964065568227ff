package io.securememcached.operator.credentials;

import io.securememcached.operator.api.v1beta1.SecretReference;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.rotation.Wait;
import java.util.Collection;
import java.util.Optional;

/** Says what a user's login waits for, and what to do. */
final class WaitingUsers {

  private WaitingUsers() {}

  static String message(SecureMemcached primary, String user, Wait wait) {
    Optional<SecretReference> secret = secret(primary, user);
    return switch (wait) {
      case Wait.NameReserved reserved ->
          key(secret, user)
              + "is a login name of user "
              + reserved.owner()
              + " already; take another one";
      case Wait.NameInUse inUse ->
          secret.isPresent()
              ? key(secret, user)
                  + ("login name %s is in use by user %s until it has another one and the overlap is over;"
                          + " take another one, or annotate %s.%s to end it now")
                      .formatted(inUse.name(), inUse.holder(), Requests.REVOKE, inUse.holder())
              : "User %s waits for login name %s, which user %s has%s; give that one another name"
                  .formatted(
                      user,
                      inUse.name(),
                      inUse.holder(),
                      secret(primary, inUse.holder())
                          .map(
                              of ->
                                  " from Secret %s, key %s".formatted(of.name(), of.usernameKey()))
                          .orElse(""));
      case Wait.NoRoom noRoom -> throw new IllegalArgumentException("Not for one user to solve");
    };
  }

  /** What there would have to be room for, and what to do. */
  static String tooLong(SecureMemcached primary, Collection<Login> logins, int servers) {
    long names = logins.stream().map(Login::name).distinct().count();
    return "%d logins of %d servers make a sasldb of %,d bytes, and a Secret has room for %,d, which is enough for %d servers: shorten the passwords and user names in the Secrets that spec.users names (a password longer than 512 bytes makes all entries long), or lower the number of users or replicas"
        .formatted(
            names,
            servers,
            Credentials.bytes(primary, logins, servers),
            Credentials.MAX_SASLDB_BYTES,
            Credentials.covered(primary, logins, servers));
  }

  private static String key(Optional<SecretReference> secret, String user) {
    return secret
        .map(of -> "Secret %s, key %s: ".formatted(of.name(), of.usernameKey()))
        .orElse("User " + user + ": ");
  }

  private static Optional<SecretReference> secret(SecureMemcached primary, String user) {
    return primary.getSpec().users().stream()
        .filter(of -> of.name().equals(user))
        .flatMap(of -> of.brought().stream())
        .findFirst();
  }
}
