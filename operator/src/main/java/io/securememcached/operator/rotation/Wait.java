package io.securememcached.operator.rotation;

import java.util.List;

/** Why a login that is due has to wait. */
public sealed interface Wait {

  /**
   * A user has a login of this name.
   *
   * @param name of the login that is due
   * @param holder the user with this login now
   */
  record NameInUse(String name, String holder) implements Wait {}

  /**
   * The name is reserved: it is one of the two that the operator assigns to a user.
   *
   * @param name of the login that is due
   * @param owner the user for whom it is reserved
   */
  record NameReserved(String name, String owner) implements Wait {}

  /**
   * The sasldb has no room for one more login.
   *
   * @param logins that it would have to hold
   */
  record NoRoom(List<Login> logins) implements Wait {
    public NoRoom {
      logins = List.copyOf(logins);
    }
  }
}
