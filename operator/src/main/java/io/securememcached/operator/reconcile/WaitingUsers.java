package io.securememcached.operator.reconcile;

import io.securememcached.operator.api.v1beta1.SecretReference;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.rotation.Wait;
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
      case Wait.NoRoom noRoom ->
          "User %s waits for room in the Secret of the servers".formatted(user);
    };
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
