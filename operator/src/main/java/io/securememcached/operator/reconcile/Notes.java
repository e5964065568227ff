package io.securememcached.operator.reconcile;

import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import java.util.Set;

/** What the operator's notes beside the passwords say about the logins of a resource. */
sealed interface Notes {

  /** There are none. */
  record None() implements Notes {}

  /** There are some, of a newer version or damaged; the problem says which. */
  record Unreadable(String problem) implements Notes {}

  /** There are some; damaged are the users whose part can't be read. */
  record Known(Logins logins, Set<String> damaged) implements Notes {

    /** Whether a login is missing that should exist; after a revoke a user may have none. */
    boolean isUnknown(String user) {
      UserLogins of = logins.of(user);
      return (!logins.users().containsKey(user) || damaged.contains(user))
          && of.current().isEmpty()
          && of.next().isEmpty();
    }
  }
}
