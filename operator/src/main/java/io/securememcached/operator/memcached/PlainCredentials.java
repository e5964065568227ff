package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A login by SASL PLAIN (RFC 4616).
 *
 * @param user as {@code user}, looked up under the server's host name, or as {@code user@realm}
 * @param password in clear
 */
public record PlainCredentials(String user, String password) {

  /**
   * Rejects what PLAIN can't carry: its parts are separated by NUL.
   *
   * @throws IllegalArgumentException naming the part, never the password
   */
  public PlainCredentials {
    requireNoNul("user", user);
    requireNoNul("password", password);
  }

  byte[] message() {
    // The part before the first NUL, whom to act as, is empty: the user itself.
    return ('\0' + user + '\0' + password).getBytes(UTF_8);
  }

  /** Names the user, never the password. */
  @Override
  public String toString() {
    return "PlainCredentials[user=" + user + "]";
  }

  private static void requireNoNul(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the " + what + " contains a NUL, which SASL PLAIN does not allow");
    }
  }
}
