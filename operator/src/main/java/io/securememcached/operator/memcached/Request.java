package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/** One request as it is sent: 24 bytes of header, then extras, key and value, all big-endian. */
record Request(Opcode opcode, byte[] extras, byte[] key, byte[] value) {

  static final int HEADER_LENGTH = 24;

  private static final byte MAGIC = (byte) 0x80;
  private static final byte[] NOTHING = {};

  static Request of(Opcode opcode) {
    return new Request(opcode, NOTHING, NOTHING, NOTHING);
  }

  static Request of(Opcode opcode, String key) {
    return new Request(opcode, NOTHING, key.getBytes(UTF_8), NOTHING);
  }

  static Request of(Opcode opcode, String key, byte[] value) {
    return new Request(opcode, NOTHING, key.getBytes(UTF_8), value);
  }

  /**
   * @param opaque comes back in the response
   */
  ByteBuffer encode(int opaque) {
    int body = extras.length + key.length + value.length;
    return ByteBuffer.allocate(HEADER_LENGTH + body)
        .put(MAGIC)
        .put(opcode.code())
        .putShort((short) key.length)
        .put((byte) extras.length)
        .put((byte) 0) // data type: raw bytes
        .putShort((short) 0) // virtual bucket: none
        .putInt(body)
        .putInt(opaque)
        .putLong(0) // CAS: any version
        .put(extras)
        .put(key)
        .put(value)
        .flip();
  }
}
