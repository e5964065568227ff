package io.securememcached.operator.verify;

import static io.securememcached.operator.memcached.TestingMemcached.receive;
import static io.securememcached.operator.memcached.TestingMemcached.response;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.memcached.TestingMemcached.Received;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A hardened server in a few lines, with one fault at will. */
final class FakeServer implements AutoCloseable {

  enum Fault {
    NONE,
    SERVES_STATISTICS_TO_ALL,
    OFFERS_MORE_MECHANISMS,
    ACCEPTS_ANONYMOUS,
    ACCEPTS_UNKNOWN_USERS,
    ACCEPTS_ANY_PASSWORD,
    ACCEPTS_EVERYBODY,
    SERVES_AFTER_REFUSED_LOGIN,
    REFUSES_ALL_LOGINS,
    SPEAKS_TEXT,
    ANSWERS_UDP,
    HAS_UDP_IN_ITS_SETTINGS,
    LISTENS_ON_ANOTHER_PORT,
    IS_AN_OLD_VERSION,
    TELLS_NO_VERSION,
    TELLS_WHAT_IT_WAS_TOLD,
    TELLS_NO_SETTINGS,
    FLOODS_STATISTICS,
    HANGS,
    TRICKLES,
    FLOODS,
    SPEAKS_GARBAGE,
    CLOSES_AT_ONCE,
    IS_FULL,
    TELLS_TOO_MUCH,
    IS_REACHED_WHERE_IT_MUST_NOT
  }

  static final PlainCredentials SAMMY = new PlainCredentials("sammy", "correct-horse-battery");
  static final PlainCredentials JAWS = new PlainCredentials("jaws", "staple");

  private static final int GET = 0x00;
  private static final int SET = 0x01;
  private static final int NOOP = 0x0a;
  private static final int VERSION = 0x0b;
  private static final int STAT = 0x10;
  private static final int SASL_LIST = 0x20;
  private static final int SASL_AUTH = 0x21;
  private static final int MISS = 0x01;
  private static final int AUTH_ERROR = 0x20;

  /** What ANONYMOUS, a random user and a wrong password begin with, and no good login does. */
  static final String PROBE = "probe-";

  private final Fault fault;
  private final TestingMemcached server;
  private final DatagramSocket udp;
  private final Closeable other;
  private final int otherPort;
  private final SilentPort denied = new SilentPort();

  /** Keys of GET and SET, and what came with SASL_AUTH. */
  final List<String> keys = new CopyOnWriteArrayList<>();

  final List<String> logins = new CopyOnWriteArrayList<>();

  FakeServer(Fault fault) throws IOException {
    this.fault = fault;
    server = TestingMemcached.behaving(this::serve);
    udp = new DatagramSocket(fault == Fault.ANSWERS_UDP ? server.address() : null);
    if (fault == Fault.ANSWERS_UDP) {
      Thread.ofVirtual().start(this::answerUdp);
    }
    if (fault == Fault.LISTENS_ON_ANOTHER_PORT) {
      ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      other = listener;
      otherPort = listener.getLocalPort();
    } else {
      // Bound without listening: it refuses, and nobody else of this machine gets it.
      Socket bound = new Socket();
      bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      other = bound;
      otherPort = bound.getLocalPort();
    }
  }

  Target target() {
    return target(List.of(SAMMY, JAWS));
  }

  Target target(List<PlainCredentials> logins) {
    return new Target(
        server.address(),
        logins,
        Distribution.UNKNOWN,
        List.of(otherPort),
        List.of(fault == Fault.IS_REACHED_WHERE_IT_MUST_NOT ? otherPort : denied.port()));
  }

  int connections() {
    return server.connections();
  }

  private void serve(TestingMemcached self, DataInputStream in, DataOutputStream out)
      throws IOException, InterruptedException {
    switch (fault) {
      case HANGS -> TestingMemcached.hang(in);
      case TRICKLES -> trickle(receive(in), out);
      case FLOODS -> flood(out, filled((byte) 0x81));
      case SPEAKS_GARBAGE -> garbage(in, out);
      case CLOSES_AT_ONCE -> {}
      case IS_FULL -> out.write("ERROR Too many open connections\r\n".getBytes(UTF_8));
      default -> new Connection(in, out).serve();
    }
  }

  /** A good answer, too slow. */
  private static void trickle(Received request, DataOutputStream out)
      throws IOException, InterruptedException {
    for (byte b : response(request.opcode(), request.opaque(), 0, "", "1.6.18".repeat(10))) {
      Thread.sleep(200);
      out.write(b);
    }
  }

  private static void flood(DataOutputStream out, byte[] bytes) throws IOException {
    while (true) {
      out.write(bytes);
    }
  }

  private static byte[] filled(byte value) {
    byte[] bytes = new byte[60_000];
    Arrays.fill(bytes, value);
    return bytes;
  }

  private static void garbage(DataInputStream in, DataOutputStream out) throws IOException {
    in.read();
    out.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
    TestingMemcached.hang(in);
  }

  private void answerUdp() {
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    try {
      while (true) {
        udp.receive(packet);
        udp.send(packet);
      }
    } catch (IOException e) {
      // The test closed it.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    udp.close();
    other.close();
    denied.close();
  }

  /** One connection, as memcached with {@code -S} serves it. */
  private final class Connection {

    private final DataInputStream in;
    private final DataOutputStream out;
    private boolean loggedIn;
    private boolean refused;
    private boolean open = true;

    Connection(DataInputStream in, DataOutputStream out) {
      this.in = new DataInputStream(new BufferedInputStream(in));
      this.out = out;
    }

    void serve() throws IOException {
      while (open) {
        in.mark(1);
        int magic = in.read();
        in.reset();
        if (magic != 0x80) {
          text();
          return;
        }
        answer(receive(in));
      }
    }

    /** Reads all of it before it hangs up, or the answer would be lost with the connection. */
    private void text() throws IOException {
      StringBuilder request = new StringBuilder();
      while (!request.toString().endsWith("quit\r\n")) {
        request.append((char) in.readUnsignedByte());
      }
      if (fault == Fault.SPEAKS_TEXT) {
        out.write("VERSION 1.6.18\r\nEND\r\n".getBytes(UTF_8));
      }
    }

    private void answer(Received request) throws IOException {
      switch (request.opcode()) {
        case VERSION -> version(request);
        case SASL_LIST -> list(request);
        case SASL_AUTH -> logIn(request);
        default -> command(request);
      }
    }

    private void version(Received request) throws IOException {
      send(
          request,
          0,
          switch (fault) {
            case IS_AN_OLD_VERSION -> "1.4.15";
            case TELLS_NO_VERSION -> "\u0007".repeat(3) + "x".repeat(61);
            case TELLS_TOO_MUCH -> "1.6.18 " + "x".repeat(1_000_000);
            case TELLS_WHAT_IT_WAS_TOLD -> "1.6.18 " + SAMMY.password() + JAWS.password();
            default -> "1.6.18";
          });
    }

    private void list(Received request) throws IOException {
      send(request, 0, fault == Fault.OFFERS_MORE_MECHANISMS ? "PLAIN DIGEST-MD5" : "PLAIN");
    }

    private void logIn(Received request) throws IOException {
      String body = new String(request.body(), UTF_8);
      logins.add(body);
      // As Cyrus SASL does: a second login after one that worked is refused.
      loggedIn = !loggedIn && isAccepted(body);
      refused = !loggedIn;
      send(request, loggedIn ? 0 : AUTH_ERROR, body);
    }

    private boolean isAccepted(String login) {
      if (fault == Fault.ACCEPTS_EVERYBODY) {
        return true;
      }
      if (login.startsWith("ANONYMOUS")) {
        return fault == Fault.ACCEPTS_ANONYMOUS;
      }
      String[] parts = login.split("\0", -1);
      boolean known = !parts[1].startsWith(PROBE);
      boolean right = !parts[2].startsWith(PROBE);
      return switch (fault) {
        case ACCEPTS_ANY_PASSWORD -> known;
        case ACCEPTS_UNKNOWN_USERS -> right || !known;
        case REFUSES_ALL_LOGINS -> false;
        default -> known && right;
      };
    }

    private void command(Received request) throws IOException {
      int opcode = request.opcode();
      if (opcode == GET || opcode == SET) {
        int keyLength = ByteBuffer.wrap(request.header()).getShort(2);
        int extras = request.header()[4];
        keys.add(new String(request.body(), extras, keyLength, UTF_8));
      }
      if (!mayHave(opcode)) {
        send(request, AUTH_ERROR, "Auth failure.");
        open = false;
      } else if (opcode == STAT && fault == Fault.FLOODS_STATISTICS) {
        flood(out, response(STAT, request.opaque(), 0, "name", "x".repeat(60_000)));
      } else if (opcode == STAT && fault != Fault.TELLS_NO_SETTINGS) {
        String port = fault == Fault.HAS_UDP_IN_ITS_SETTINGS ? "11211" : "0";
        byte[] line = response(STAT, request.opaque(), 0, "udpport", port);
        byte[] end = response(STAT, request.opaque(), 0, "", "");
        // In one piece: a second small one would wait for the first one's acknowledgement.
        out.write(ByteBuffer.allocate(line.length + end.length).put(line).put(end).array());
      } else {
        send(request, opcode == GET ? MISS : 0, "");
      }
    }

    private boolean mayHave(int opcode) {
      return loggedIn
          || (refused && fault == Fault.SERVES_AFTER_REFUSED_LOGIN)
          || (opcode == STAT && fault == Fault.SERVES_STATISTICS_TO_ALL);
    }

    private void send(Received request, int status, String value) throws IOException {
      out.write(response(request.opcode(), request.opaque(), status, "", value));
    }
  }
}
