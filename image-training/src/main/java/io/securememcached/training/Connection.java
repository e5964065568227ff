package io.securememcached.training;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One connection over HTTP/1.1, which may become a WebSocket (RFC 6455). */
final class Connection implements AutoCloseable {

  private static final String WEB_SOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int TEXT_FRAME = 0x81;
  private static final int TWO_BYTES_OF_LENGTH = 126;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  Connection(Socket socket) throws IOException {
    this.socket = socket;
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /**
   * A request.
   *
   * @param query without the question mark; empty for none
   * @param webSocketKey the header Sec-WebSocket-Key of one that wants a WebSocket
   */
  record Request(
      String method, String path, String query, byte[] body, Optional<String> webSocketKey) {}

  /** The next request; empty when there is none any more. */
  Optional<Request> read() throws IOException {
    String start = line();
    if (start.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    String[] words = start.split(" ");
    URI uri = URI.create(words[1]);
    return Optional.of(
        new Request(
            words[0],
            uri.getPath(),
            uri.getQuery() == null ? "" : uri.getQuery(),
            body,
            Optional.ofNullable(headers.get("sec-websocket-key"))));
  }

  void respond(int code, String json) throws IOException {
    byte[] body = json.getBytes(UTF_8);
    write(
        "HTTP/1.1 %d Answer\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(
                code,
                DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)),
                body.length)
            .getBytes(US_ASCII),
        body);
  }

  void upgrade(String key) throws IOException {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest((key + WEB_SOCKET_GUID).getBytes(US_ASCII));
      write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
              .formatted(Base64.getEncoder().encodeToString(digest))
              .getBytes(US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-1", e);
    }
  }

  /** Sends a text of fewer than 64 KiB as one frame. */
  void sendFrame(String text) throws IOException {
    byte[] payload = text.getBytes(UTF_8);
    ByteBuffer head = ByteBuffer.allocate(4);
    head.put((byte) TEXT_FRAME).put((byte) TWO_BYTES_OF_LENGTH).putShort((short) payload.length);
    write(head.array(), payload);
  }

  /** Reads and drops what comes, until the other side closes. */
  void drain() throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private synchronized void write(byte[]... parts) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      whole.write(part);
    }
    whole.writeTo(out);
    out.flush();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
      if (read != '\r') {
        line.append((char) read);
      }
    }
    return line.toString();
  }
}
