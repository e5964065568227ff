package io.securememcached.operator.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What API servers speak and the JDK's server does not: HTTP/2 (RFC 9113) and WebSockets (RFC
 * 6455), one request after another, as far as the client must hear it to use all of its own part.
 */
final class TrainingProtocols {

  private static final byte[] POD =
      "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"training\"}}"
          .getBytes(UTF_8);

  /** Status 200 and a content type, by the numbers that they have in HPACK's table (RFC 7541). */
  private static final byte[] HEADERS = {(byte) 0x88, 0x0f, 0x10, 4, 'j', 's', 'o', 'n'};

  private static final byte DATA_FRAME = 0;
  private static final byte HEADERS_FRAME = 1;
  private static final byte SETTINGS_FRAME = 4;
  private static final byte ACK = 1;
  private static final byte END_STREAM = 1;
  private static final byte END_HEADERS = 4;
  private static final int PREFACE_LENGTH = 24;

  private TrainingProtocols() {}

  /**
   * Reads and watches a pod by both.
   *
   * @throws IllegalStateException when no event came within a minute
   */
  static void run() throws IOException, InterruptedException {
    try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server));
      Config config =
          new ConfigBuilder(Config.empty())
              .withMasterUrl("http://localhost:" + server.getLocalPort())
              .build();
      CountDownLatch seen = new CountDownLatch(1);
      try (KubernetesClient client = ApiClient.of(config)) {
        var pod = client.pods().inNamespace("training").withName("training");
        // The first one asks for HTTP/2, the second one speaks it.
        pod.get();
        pod.get();
        try (Watch watch = pod.watch(watcher(seen))) {
          if (!seen.await(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("Training ended without an event on " + watch);
          }
        }
      }
    }
  }

  private static Watcher<Pod> watcher(CountDownLatch seen) {
    return new Watcher<>() {
      @Override
      public void eventReceived(Action action, Pod pod) {
        seen.countDown();
      }

      @Override
      public void onClose(WatcherException cause) {}
    };
  }

  private static void serve(ServerSocket server) {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the training is over.
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      Map<String, String> headers = headers(in);
      if ("websocket".equalsIgnoreCase(headers.get("Upgrade"))) {
        webSocket(headers.get("Sec-WebSocket-Key"), out);
        in.transferTo(DataOutputStream.nullOutputStream());
      } else {
        upgrade(out, "h2c", "");
        http2(in, out);
      }
    } catch (IOException | GeneralSecurityException e) {
      // The client has hung up; what it did not get it waits for in vain.
    }
  }

  /** The head of a request, without its first line. */
  private static Map<String, String> headers(DataInputStream in) throws IOException {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readByte());
    }
    head.toString()
        .lines()
        .map(line -> line.split(": ", 2))
        .filter(header -> header.length == 2)
        .forEach(header -> headers.put(header[0], header[1]));
    return headers;
  }

  private static void upgrade(DataOutputStream out, String protocol, String more)
      throws IOException {
    out.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n%s\r\n"
            .formatted(protocol, more)
            .getBytes(ISO_8859_1));
  }

  /** One event, as a text frame of one byte of length. */
  private static void webSocket(String key, DataOutputStream out)
      throws IOException, GeneralSecurityException {
    byte[] accept =
        MessageDigest.getInstance("SHA-1")
            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
    upgrade(
        out,
        "websocket",
        "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(accept) + "\r\n");
    byte[] event =
        "{\"type\": \"ADDED\", \"object\": %s}".formatted(new String(POD, UTF_8)).getBytes(UTF_8);
    out.writeByte(0x81);
    out.writeByte(event.length);
    out.write(event);
  }

  /** Answers each request with the pod; the one that asked for the upgrade is stream 1. */
  private static void http2(DataInputStream in, DataOutputStream out) throws IOException {
    frame(out, SETTINGS_FRAME, 0, 0, new byte[0]);
    respond(out, 1);
    in.skipNBytes(PREFACE_LENGTH);
    while (true) {
      int lengthAndType = in.readInt();
      byte flags = in.readByte();
      int stream = in.readInt();
      in.skipNBytes(lengthAndType >>> Byte.SIZE);
      byte type = (byte) lengthAndType;
      if (type == SETTINGS_FRAME && flags != ACK) {
        frame(out, SETTINGS_FRAME, ACK, 0, new byte[0]);
      } else if (type == HEADERS_FRAME) {
        respond(out, stream);
      }
    }
  }

  private static void respond(DataOutputStream out, int stream) throws IOException {
    frame(out, HEADERS_FRAME, END_HEADERS, stream, HEADERS);
    frame(out, DATA_FRAME, END_STREAM, stream, POD);
  }

  private static void frame(DataOutputStream out, byte type, int flags, int stream, byte[] payload)
      throws IOException {
    out.writeInt(payload.length << Byte.SIZE | type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
  }
}
