package io.securememcached.operator.rotation;

/**
 * A login name and its password, as in the sasldb.
 *
 * @param name user name without a realm
 * @param password in clear
 */
public record Login(String name, String password) {

  /** Names the user, never the password. */
  @Override
  public String toString() {
    return "Login[" + name + "]";
  }
}
