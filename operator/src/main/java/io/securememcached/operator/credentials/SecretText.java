package io.securememcached.operator.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Optional;

/** Reads the values of a Secret, which may be any bytes. */
final class SecretText {

  private SecretText() {}

  /** The bytes of a key; empty without the key. */
  static Optional<byte[]> bytes(Secret secret, String key) {
    return Optional.ofNullable(secret.getData())
        .flatMap(data -> Optional.ofNullable(data.get(key)))
        .map(Base64.getDecoder()::decode);
  }

  /**
   * Bytes as text; empty if they are not UTF-8. With U+FFFD in place of what is invalid it would be
   * another password than the one that clients read from the Secret.
   */
  static Optional<String> decode(byte[] bytes) {
    try {
      return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
