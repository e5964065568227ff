package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.memcached.MemcachedException.Reason;
import java.nio.ByteBuffer;

/** Reads the responses to one request, limited to the longest response in total. */
final class ResponseReader {

  private static final byte MAGIC = (byte) 0x81;

  private final Wire wire;
  private final Opcode opcode;
  private final int opaque;
  private int left;

  /**
   * @param opaque what the request carried
   */
  ResponseReader(Wire wire, Opcode opcode, int opaque) {
    this.wire = wire;
    this.opcode = opcode;
    this.opaque = opaque;
    this.left = Request.HEADER_LENGTH + opcode.longest();
  }

  Response next() throws MemcachedException {
    ByteBuffer header = read(Request.HEADER_LENGTH);
    if (Wire.saysFull(header)) {
      throw wire.full();
    }
    require(header.get() == MAGIC, "not a response in the binary protocol");
    require(header.get() == opcode.code(), "response to another operation");
    int keyLength = Short.toUnsignedInt(header.getShort());
    int extrasLength = Byte.toUnsignedInt(header.get());
    header.get(); // data type: always raw bytes
    int status = Short.toUnsignedInt(header.getShort());
    long bodyLength = Integer.toUnsignedLong(header.getInt());
    require(header.getInt() == opaque, "response to another request");
    require(keyLength + extrasLength <= bodyLength, "response key exceeds the body");
    ByteBuffer body = read(bodyLength).position(extrasLength);
    byte[] key = new byte[keyLength];
    body.get(key);
    byte[] value = new byte[body.remaining()];
    body.get(value);
    return new Response(status, new String(key, UTF_8), value);
  }

  /** The length is checked before memory is allocated for it. */
  private ByteBuffer read(long length) throws MemcachedException {
    require(length <= left, "response exceeds %d bytes".formatted(opcode.longest()));
    left -= (int) length;
    return wire.read((int) length);
  }

  private void require(boolean holds, String problem) throws MemcachedException {
    if (!holds) {
      throw wire.failure(Reason.PROTOCOL, problem);
    }
  }
}
