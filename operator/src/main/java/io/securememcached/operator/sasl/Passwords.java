package io.securememcached.operator.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.security.SecureRandom;
import java.util.Optional;

/** Generates passwords, and validates user-provided ones. */
public final class Passwords {

  /** 33 characters of 62 are 196 bits, which passes the aim of 192. */
  public static final int LENGTH = 33;

  // Letters and digits only, as these have no special meaning in any client, shell, URI or YAML.
  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private Passwords() {}

  /** A fresh password of {@link #LENGTH} letters and digits, each equally likely. */
  public static String generate() {
    return new SecureRandom()
        .ints(LENGTH, 0, ALPHABET.length())
        .mapToObj(i -> String.valueOf(ALPHABET.charAt(i)))
        .collect(joining());
  }

  /**
   * What is wrong with a user-provided password, as the rest of a sentence that starts with "the
   * password"; empty if nothing is. The password itself is never part of the result.
   */
  public static Optional<String> problem(String password) {
    if (password.endsWith("\n") || password.endsWith("\r")) {
      return Optional.of(
          "ends with a line break, which clients would have to send too; write it with printf instead of echo");
    }
    return unstorable(password)
        .or(
            () ->
                password
                    .codePoints()
                    .filter(Character::isISOControl)
                    .mapToObj("contains the control character U+%04X"::formatted)
                    .findFirst());
  }

  /** Why a sasldb can't hold a password: exactly what {@link SaslEntry} rejects. */
  static Optional<String> unstorable(String password) {
    if (password.isEmpty()) {
      return Optional.of("is empty");
    }
    if (password.indexOf('\0') >= 0) {
      return Optional.of("contains a NUL, which terminates it in SASL PLAIN");
    }
    if (!SaslEntry.isEncodable(password)) {
      return Optional.of("cannot be written as UTF-8");
    }
    int bytes = password.getBytes(UTF_8).length;
    if (bytes > SaslEntry.MAX_ITEM_BYTES) {
      return Optional.of(
          "is %d bytes long, the limit is %d".formatted(bytes, SaslEntry.MAX_ITEM_BYTES));
    }
    return Optional.empty();
  }
}
