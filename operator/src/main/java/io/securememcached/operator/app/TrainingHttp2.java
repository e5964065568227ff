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
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What API servers speak and the JDK's server does not: HTTP/2 (RFC 9113), one request after
 * another, as far as the client must hear it to use all of its own part.
 */
final class TrainingHttp2 {

  private static final String POD =
      "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"training\"}}";

  private static final String EVENT = "{\"type\": \"ADDED\", \"object\": " + POD + "}\n";

  private static final byte[] UPGRADE =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
          .getBytes(ISO_8859_1);

  /** Status 200 and a content type, by the numbers that they have in HPACK's table (RFC 7541). */
  private static final byte[] HEADERS = {(byte) 0x88, 0x0f, 0x10, 4, 'j', 's', 'o', 'n'};

  private static final byte DATA_FRAME = 0;
  private static final byte HEADERS_FRAME = 1;
  private static final byte SETTINGS_FRAME = 4;
  private static final byte ACK = 1;
  private static final byte END_STREAM = 1;
  private static final byte END_HEADERS = 4;
  private static final int PREFACE_LENGTH = 24;

  /** The third one that a client opens. */
  private static final int WATCH_STREAM = 5;

  private TrainingHttp2() {}

  /**
   * Reads and watches a pod.
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
      try (KubernetesClient client = ApiClient.watching(config, Set.of())) {
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
      skipHead(in);
      out.write(UPGRADE);
      http2(in, out);
    } catch (IOException e) {
      // The client has hung up; what it did not get it waits for in vain.
    }
  }

  /** The head of a request ends with an empty line. */
  private static void skipHead(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readByte());
    }
  }

  /** The request that asked for the upgrade is stream 1, the client's next ones are 3 and 5. */
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
    String body = stream < WATCH_STREAM ? POD : EVENT;
    frame(out, DATA_FRAME, END_STREAM, stream, body.getBytes(UTF_8));
  }

  private static void frame(DataOutputStream out, byte type, int flags, int stream, byte[] payload)
      throws IOException {
    out.writeInt(payload.length << Byte.SIZE | type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
  }
}
