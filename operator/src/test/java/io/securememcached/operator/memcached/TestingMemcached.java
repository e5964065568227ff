package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server on loopback that behaves as a test tells it, mostly badly. */
public final class TestingMemcached implements AutoCloseable {

  /** What to do with one connection. */
  public interface Behaviour {
    void serve(TestingMemcached server, DataInputStream in, DataOutputStream out)
        throws IOException, InterruptedException;
  }

  /** A request as it arrived. */
  public record Received(int opcode, int opaque, byte[] header, byte[] body) {}

  private final ServerSocket listener;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private TestingMemcached(InetAddress address, int port, Behaviour behaviour) throws IOException {
    listener = new ServerSocket(port, 50, address);
    Thread.ofVirtual().start(() -> accept(behaviour));
  }

  public static TestingMemcached behaving(Behaviour behaviour) throws IOException {
    return behavingAt(InetAddress.getLoopbackAddress(), 0, behaviour);
  }

  /**
   * At an address of its own.
   *
   * @param port 0 for one that is free
   */
  public static TestingMemcached behavingAt(InetAddress address, int port, Behaviour behaviour)
      throws IOException {
    return new TestingMemcached(address, port, behaviour);
  }

  /** Answers each request with these bytes. */
  public static TestingMemcached answering(byte[] answer) throws IOException {
    return behaving(
        (server, in, out) -> {
          receive(in);
          out.write(answer);
          hang(in);
        });
  }

  /** Tells its version, and refuses everything else, as it does without a login. */
  public static TestingMemcached refusing(String version) throws IOException {
    return behaving((server, in, out) -> refuse(version, in, out));
  }

  private static void refuse(String version, DataInputStream in, DataOutputStream out)
      throws IOException {
    while (true) {
      Received request = receive(in);
      boolean isVersion = request.opcode() == 0x0b;
      out.write(
          response(
              request.opcode(),
              request.opaque(),
              isVersion ? 0 : 0x20,
              "",
              isVersion ? version : ""));
    }
  }

  public MemcachedClient connect(Timeouts timeouts) throws MemcachedException {
    return MemcachedClient.connect(address(), timeouts);
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  /** How many connections there were so far. */
  public int connections() {
    return connections.size();
  }

  /** Reads nothing, until the test is over. */
  public void sleepUntilClosed() throws InterruptedException {
    closed.await();
  }

  /** Swallows what comes and never answers. */
  public static void hang(DataInputStream in) throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  public static Received receive(DataInputStream in) throws IOException {
    byte[] header = in.readNBytes(24);
    DataInputStream fields = new DataInputStream(new ByteArrayInputStream(header));
    fields.readUnsignedByte();
    int opcode = fields.readUnsignedByte();
    fields.skipNBytes(6);
    int body = fields.readInt();
    return new Received(opcode, fields.readInt(), header, in.readNBytes(body));
  }

  /** A well-formed response. */
  public static byte[] response(int opcode, int opaque, int status, String key, String value) {
    return response(0x81, opcode, opaque, status, key, value, key.length() + value.length());
  }

  /** A response with any of its fields as the test wants it. */
  public static byte[] response(
      int magic, int opcode, int opaque, int status, String key, String value, int bodyLength) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(magic);
      out.writeByte(opcode);
      out.writeShort(key.length());
      out.writeShort(0); // extras length, data type
      out.writeShort(status);
      out.writeInt(bodyLength);
      out.writeInt(opaque);
      out.writeLong(0);
      out.write((key + value).getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError("Writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  private void accept(Behaviour behaviour) {
    try {
      while (true) {
        Socket socket = listener.accept();
        connections.add(socket);
        Thread.ofVirtual().start(() -> serve(behaviour, socket));
      }
    } catch (IOException e) {
      // The test closed the listener.
      return;
    }
  }

  private void serve(Behaviour behaviour, Socket socket) {
    try (socket) {
      behaviour.serve(
          this,
          new DataInputStream(socket.getInputStream()),
          new DataOutputStream(socket.getOutputStream()));
    } catch (IOException | InterruptedException e) {
      // The client went away, which is what most of these tests are about.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
    for (Socket socket : connections) {
      socket.close();
    }
  }
}
