package io.securememcached.operator.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * One login as a sasldb holds it.
 *
 * <p>The key in the file is {@code user NUL realm NUL userPassword}, the value is the password as
 * it is (Cyrus SASL 2.1, {@code sasldb/allockey.c}). Cyrus SASL splits what a client sends at the
 * first {@code @} and strips blanks around it, so neither can be part of a user or realm.
 *
 * @param user login name, neither empty nor with {@code @}, blank or control character
 * @param realm by default the host name of the server, same rule as for the user
 * @param password not empty, without NUL, at most {@link #MAX_ITEM_BYTES} bytes in UTF-8
 */
public record SaslEntry(String user, String realm, String password) {

  /**
   * Longest key or password in bytes, where Cyrus SASL itself ends for user and realm together. It
   * is also a quarter of the page that saslpasswd2's files have, after which Berkeley DB moves an
   * item to pages of its own; this writer does not make those.
   */
  public static final int MAX_ITEM_BYTES = 1024;

  static final String PROPERTY = "userPassword";

  /**
   * Rejects what a sasldb can't hold or Cyrus SASL would interpret differently.
   *
   * @throws IllegalArgumentException with the reason; it never holds the password
   */
  public SaslEntry {
    requireName("user", user);
    requireName("realm", realm);
    int keyBytes = key(user, realm).length;
    if (keyBytes > MAX_ITEM_BYTES) {
      throw new IllegalArgumentException(
          "user and realm make a key of %d bytes, the limit is %d"
              .formatted(keyBytes, MAX_ITEM_BYTES));
    }
    Passwords.unstorable(password)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(
                  "the password of user '%s' in realm '%s' %s".formatted(user, realm, problem));
            });
  }

  byte[] key() {
    return key(user, realm);
  }

  byte[] value() {
    return password.getBytes(UTF_8);
  }

  /** Names the login, never its password. */
  @Override
  public String toString() {
    return "SaslEntry[user=" + user + ", realm=" + realm + "]";
  }

  private static byte[] key(String user, String realm) {
    return (user + '\0' + realm + '\0' + PROPERTY).getBytes(UTF_8);
  }

  private static void requireName(String what, String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the " + what + " is empty");
    }
    name.codePoints()
        .filter(c -> c == '@' || isBlank(c) || Character.isISOControl(c))
        .findFirst()
        .ifPresent(
            c -> {
              throw new IllegalArgumentException(
                  "the %s contains U+%04X; SASL does not allow '@', blanks and control characters"
                      .formatted(what, c));
            });
    if (!isEncodable(name)) {
      throw new IllegalArgumentException("the " + what + " cannot be written as UTF-8");
    }
  }

  private static boolean isBlank(int codePoint) {
    return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
  }

  /** False for half of a surrogate pair, which would turn into '?' in silence. */
  static boolean isEncodable(String text) {
    try {
      UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
