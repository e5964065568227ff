package io.securememcached.operator.e2e;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A login that the operator's own client does not offer, in frames written by hand. */
final class RawLogin {

  private static final int HEADER = 24;
  private static final byte NOOP = 0x0a;
  private static final byte SASL_AUTH = 0x21;
  private static final int TIMEOUT_MILLIS = 15_000;

  /** Code for "not logged in". */
  static final int AUTH_ERROR = 0x20;

  /** Status codes of the login and of a NOOP behind it. */
  record Answers(int login, int noop) {}

  private RawLogin() {}

  /** SASL_AUTH with ANONYMOUS, whose message is any trace of who it is. */
  static Answers anonymous(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(address, TIMEOUT_MILLIS);
      return new Answers(ask(socket, SASL_AUTH, "ANONYMOUS", "nobody"), ask(socket, NOOP, "", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int ask(Socket socket, byte opcode, String key, String value) throws IOException {
    byte[] body = (key + value).getBytes(StandardCharsets.US_ASCII);
    socket
        .getOutputStream()
        .write(
            ByteBuffer.allocate(HEADER + body.length)
                .put((byte) 0x80)
                .put(opcode)
                .putShort((short) key.length())
                .putInt(0)
                .putInt(body.length)
                .put(HEADER, body)
                .array());
    DataInputStream input = new DataInputStream(socket.getInputStream());
    ByteBuffer header = ByteBuffer.wrap(input.readNBytes(HEADER));
    input.readNBytes(header.getInt(8));
    return header.getShort(6);
  }
}
