package io.securememcached.operator.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.rotation.Login;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key from which the exporter's login on each resource is derived (HMAC-SHA-256, RFC 2104). Who
 * has a derived password learns neither the key nor another password.
 *
 * @param generation number of the key, 1 or more; decides the login name
 * @param secret 32 random bytes as 64 lower-case hexadecimal digits
 */
public record ExporterKey(int generation, String secret) {

  /** Length of a derived password: 43 characters of 62 hold all 256 bits of the code. */
  public static final int PASSWORD_LENGTH = 43;

  private static final int BYTES = 32;

  private static final Pattern SECRET = Pattern.compile("[0-9a-f]{" + 2 * BYTES + "}");

  private static final String ALGORITHM = "HmacSHA256";

  /** No other use of the key may give the same code. */
  private static final String DOMAIN = "securememcached.io/exporter-login/v1";

  // Letters and digits only, as in generated passwords.
  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  public ExporterKey {
    if (generation < 1) {
      throw new IllegalArgumentException("generation is %d, the least is 1".formatted(generation));
    }
    if (!SECRET.matcher(secret).matches()) {
      throw new IllegalArgumentException(
          "key is not %d lower-case hexadecimal digits".formatted(2 * BYTES));
    }
  }

  /** A fresh key from the system's random generator. */
  public static ExporterKey generate(int generation) {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new ExporterKey(generation, HexFormat.of().formatHex(bytes));
  }

  /**
   * Login name: a sasldb has one password per name, so successive keys alternate between two names.
   */
  public String loginName() {
    return ExporterKeys.LOGIN_NAMES.get((generation - 1) % ExporterKeys.LOGIN_NAMES.size());
  }

  /**
   * The exporter's login on the servers of a resource.
   *
   * @param namespace of the SecureMemcached
   * @param name of the SecureMemcached
   * @param uid of the SecureMemcached, so that a namesake that is created later gets another
   *     password
   * @throws IllegalArgumentException if one of them is empty
   */
  public Login login(String namespace, String name, String uid) {
    if (namespace.isEmpty() || name.isEmpty() || uid.isEmpty()) {
      throw new IllegalArgumentException(
          "A login needs namespace, name and uid of a resource, but got '%s', '%s' and '%s'"
              .formatted(namespace, name, uid));
    }
    return new Login(loginName(), password(code(List.of(DOMAIN, namespace, name, uid))));
  }

  /** Each field follows its own length in bytes, so no two lists of fields are the same message. */
  private byte[] code(List<String> fields) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(HexFormat.of().parseHex(secret), ALGORITHM));
      for (String field : fields) {
        byte[] bytes = field.getBytes(UTF_8);
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        mac.update(bytes);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      // Every Java platform has this algorithm.
      throw new IllegalStateException(e);
    }
  }

  /** The code as a number in base 62, with leading zeros; different codes differ. */
  private static String password(byte[] code) {
    BigInteger base = BigInteger.valueOf(ALPHABET.length());
    BigInteger rest = new BigInteger(1, code);
    char[] digits = new char[PASSWORD_LENGTH];
    for (int i = digits.length - 1; i >= 0; i--) {
      BigInteger[] parts = rest.divideAndRemainder(base);
      digits[i] = ALPHABET.charAt(parts[1].intValue());
      rest = parts[0];
    }
    return new String(digits);
  }

  /** Names the generation, never the key. */
  @Override
  public String toString() {
    return "ExporterKey[" + generation + "]";
  }
}
