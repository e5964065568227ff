package io.securememcached.operator.credentials;

import io.securememcached.operator.api.v1beta1.SecretReference;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.rotation.Wait;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Messages about what a user's login waits for, and what to do. */
final class WaitingUsers {

  private WaitingUsers() {}

  /**
   * What a user waits for.
   *
   * @param logins as they are now
   */
  static String message(SecureMemcached primary, Logins logins, String user, Wait wait) {
    Optional<SecretReference> secret = secret(primary, user);
    List<String> leaving = Credentials.leavingUsersOf(primary, logins);
    return switch (wait) {
      case Wait.NameReserved reserved ->
          key(secret, user)
              + "is reserved as a login name of user "
              + reserved.owner()
              + "; use another name";
      case Wait.NameInUse inUse ->
          leaving.contains(inUse.holder())
              ? key(secret, user) + leaving(inUse, logins.of(inUse.holder()))
              : secret.isPresent()
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
                                      " from Secret %s, key %s"
                                          .formatted(of.name(), of.usernameKey()))
                              .orElse(""));
      case Wait.NoRoom noRoom -> throw new IllegalArgumentException("Not for one user to solve");
    };
  }

  private static String leaving(Wait.NameInUse inUse, UserLogins holder) {
    return "login name %1$s is in use by user %2$s, which left spec.users, %3$s; use another name, or set annotation %4$s.%2$s to revoke it now"
        .formatted(
            inUse.name(),
            inUse.holder(),
            holder
                .ending()
                .map(end -> "until " + end.at().truncatedTo(ChronoUnit.SECONDS))
                .orElse("and does not end, as no user of spec.users has a login"),
            Requests.REVOKE);
  }

  /** The required size, and what to do. */
  static String tooLong(
      SecureMemcached primary, Logins stored, Collection<Login> logins, int servers) {
    long names = logins.stream().map(Login::name).distinct().count();
    List<String> leaving = Credentials.leavingUsersOf(primary, stored);
    String revoke =
        leaving.isEmpty()
            ? ""
            : " Or end the logins of users that left spec.users (%s) by annotation %s.USER."
                .formatted(String.join(", ", leaving), Requests.REVOKE);
    return "The sasldb for %d logins on %d servers needs %,d bytes, but a Secret holds %,d, enough for %d servers. Shorten the passwords and user names in the Secrets of spec.users (a password longer than 512 bytes makes all entries long), or reduce spec.users or spec.replicas."
            .formatted(
                names,
                servers,
                Credentials.bytes(primary, logins, servers),
                Credentials.MAX_SASLDB_BYTES,
                Credentials.covered(primary, logins, servers))
        + revoke;
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
