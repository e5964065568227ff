package io.securememcached.operator.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/**
 * A key and its value as they lay in a file.
 *
 * @param offset of the key in the file, for error messages
 */
record HashItem(int offset, byte[] key, byte[] value) {

  /**
   * The login that the item stands for; empty for a property other than the password.
   *
   * @throws SaslDbFormatException if the key has not three parts, or Cyrus SASL could not use it
   */
  Optional<SaslEntry> toEntry() {
    String[] parts = decode("key", key).split("\0", -1);
    if (parts.length != 3) {
      throw new SaslDbFormatException(
          offset, "key", parts.length + " parts instead of user, realm and property");
    }
    if (!parts[2].equals(SaslEntry.PROPERTY)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new SaslEntry(parts[0], parts[1], decode("password", value)));
    } catch (IllegalArgumentException e) {
      throw new SaslDbFormatException(offset, "entry", e.getMessage());
    }
  }

  private String decode(String field, byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new SaslDbFormatException(offset, field, "is not UTF-8");
    }
  }
}
