package io.securememcached.operator.rotation;

import java.util.List;

/** Why a user does not get the login that is due. */
public sealed interface Wait {

  /**
   * A user has a login of this name.
   *
   * @param name of the login that is due
   * @param holder the user who has it now
   */
  record NameInUse(String name, String holder) implements Wait {}

  /**
   * The name is one of the two that the operator gives to a user.
   *
   * @param name of the login that is due
   * @param owner the user who may get it at any time
   */
  record NameReserved(String name, String owner) implements Wait {}

  /**
   * The sasldb has no room for one more login.
   *
   * @param logins that it would have then
   */
  record NoRoom(List<Login> logins) implements Wait {
    public NoRoom {
      logins = List.copyOf(logins);
    }
  }
}
