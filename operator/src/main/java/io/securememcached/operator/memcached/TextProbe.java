package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.securememcached.operator.memcached.MemcachedException.Reason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Sends a request in memcached's text protocol, on its own connection.
 *
 * <p>A server with {@code -S} reads the first 24 bytes as a binary header and closes the
 * connection, as they don't begin with 0x80; fewer bytes would leave both sides waiting.
 */
public final class TextProbe {

  /** Longest answer that is read, in bytes. */
  private static final int MAX_ANSWER = 4096;

  private static final int HEADER = Request.HEADER_LENGTH;

  private TextProbe() {}

  /**
   * The response until the server closes the connection, goes silent or has sent 4096 bytes; empty
   * if it closes the connection without a response.
   *
   * @param request 24 characters or more
   * @throws MemcachedException if there is no connection, the server keeps silent on it, or it has
   *     as many as it may have
   */
  public static String ask(
      InetSocketAddress address, Timeouts timeouts, Deadline deadline, String request)
      throws MemcachedException {
    if (request.length() < HEADER) {
      throw new IllegalArgumentException("a text request needs 24 characters: " + request.strip());
    }
    ByteBuffer answer = ByteBuffer.allocate(MAX_ANSWER);
    try (Wire wire = Wire.connect(address, timeouts, deadline)) {
      wire.begin("text");
      try {
        wire.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
        wire.readUntilEnd(answer);
      } catch (MemcachedException e) {
        boolean hungUp = e.reason() == Reason.CLOSED;
        boolean fellSilent = e.reason() == Reason.TIMEOUT && answer.position() > 0;
        if (!hungUp && !fellSilent) {
          throw e;
        }
        wire.readRest(answer);
      }
      if (Wire.saysFull(answer)) {
        throw wire.full();
      }
    }
    return new String(answer.array(), 0, answer.position(), ISO_8859_1);
  }
}
