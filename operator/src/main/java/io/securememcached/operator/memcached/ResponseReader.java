package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.memcached.MemcachedException.Reason;
import java.nio.ByteBuffer;

/**
 * Reads the responses to one request, limited in total. Short ones that follow each other are read
 * from the socket at once.
 */
final class ResponseReader {

  private static final byte MAGIC = (byte) 0x81;

  private final Wire wire;
  private final Opcode opcode;
  private final int opaque;
  private final int longest;

  /** What was read ahead. */
  private final ByteBuffer ahead;

  private int left;

  /**
   * Begins to read.
   *
   * @param opaque what the request carried
   * @param longest bytes of all responses, beside the last header
   * @param ahead bytes that may be read ahead; 0 leaves what follows the response on the wire
   */
  ResponseReader(Wire wire, Opcode opcode, int opaque, int longest, int ahead) {
    this.wire = wire;
    this.opcode = opcode;
    this.opaque = opaque;
    this.longest = longest;
    this.ahead = ByteBuffer.allocate(ahead).flip();
    this.left = Request.HEADER_LENGTH + longest;
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

  /** After the last response nothing may follow: no request is open. */
  void end() throws MemcachedException {
    require(!ahead.hasRemaining(), "more data than the response");
  }

  /** The length is checked before memory is allocated for it. */
  private ByteBuffer read(long length) throws MemcachedException {
    if (length > left) {
      throw wire.failure(Reason.PROTOCOL, "response exceeds %d bytes".formatted(longest));
    }
    left -= (int) length;
    if (length > ahead.capacity()) {
      ByteBuffer whole = ByteBuffer.allocate((int) length).put(ahead);
      wire.readUntilEnd(whole);
      return whole.flip();
    }
    if (length > ahead.remaining()) {
      ahead.compact();
      while (ahead.position() < length) {
        wire.readSome(ahead);
      }
      ahead.flip();
    }
    // Read before the next call, which may move what is ahead.
    ByteBuffer part = ahead.slice(ahead.position(), (int) length);
    ahead.position(ahead.position() + (int) length);
    return part;
  }

  private void require(boolean holds, String problem) throws MemcachedException {
    if (!holds) {
      throw wire.failure(Reason.PROTOCOL, problem);
    }
  }
}
