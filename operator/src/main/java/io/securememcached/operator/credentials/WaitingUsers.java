package io.securememcached.operator.credentials;

import io.securememcached.operator.api.v1beta1.SecretReference;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.rotation.Wait;
import java.util.Collection;
import java.util.Optional;

/** Messages about what a user's login waits for, and what to do. */
final class WaitingUsers {

  private WaitingUsers() {}

  static String message(SecureMemcached primary, String user, Wait wait) {
    Optional<SecretReference> secret = secret(primary, user);
    return switch (wait) {
      case Wait.NameReserved reserved ->
          key(secret, user)
              + "is reserved as a login name of user "
              + reserved.owner()
              + "; use another name";
      case Wait.NameInUse inUse ->
          secret.isPresent()
              ? key(secret, user)
                  + ("login name %s is in use by user %s until that user has rotated and the overlap has ended;"
                          + " use another name, or set annotation %s.%s to revoke it now")
                      .formatted(inUse.name(), inUse.holder(), Requests.REVOKE, inUse.holder())
              : "User %1$s waits for login name %2$s, which is in use by user %3$s%4$s; rename the login of user %3$s"
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

  /** The required size, and what to do. */
  static String tooLong(SecureMemcached primary, Collection<Login> logins, int servers) {
    long names = logins.stream().map(Login::name).distinct().count();
    return "The sasldb for %d logins on %d servers needs %,d bytes, but a Secret holds %,d, enough for %d servers. Shorten the passwords and user names in the Secrets of spec.users (a password longer than 512 bytes makes all entries long), or reduce spec.users or spec.replicas."
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
        .flatMap(of -> of.existingSecret().stream())
        .findFirst();
  }
}
