package io.securememcached.operator.e2e;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A port of this machine whose connections go to a server from another {@link Place}: it lets a
 * client in Java speak from inside of the cluster, on any cluster that a pod's shell can be had of.
 */
final class Relay implements AutoCloseable {

  /** A process in the other place is started for each connection, which takes its time. */
  static final Timeouts TIMEOUTS =
      new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofSeconds(20));

  private final Place place;
  private final Server server;
  private final ServerSocket listener;
  private final List<Process> processes = new CopyOnWriteArrayList<>();

  Relay(Place place, Server server) {
    this.place = place;
    this.server = server;
    try {
      listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** A number that each of some servers counts, such as {@code cmd_set}, in their order. */
  static List<Long> statistic(String name, Place place, List<Server> servers) {
    return servers.stream()
        .map(
            server -> {
              try (Relay relay = new Relay(place, server);
                  MemcachedClient connection = relay.login()) {
                return Long.parseLong(connection.statistics().values().get(name).text());
              } catch (MemcachedException e) {
                throw new AssertionError("No answer from " + server.pod(), e);
              }
            })
        .toList();
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  @Override
  public String toString() {
    return server.pod();
  }

  /** A new connection, not logged in. */
  MemcachedClient connect() throws MemcachedException {
    return MemcachedClient.connect(address(), TIMEOUTS);
  }

  /** A new connection with the server's login. */
  MemcachedClient login() throws MemcachedException {
    MemcachedClient client = connect();
    if (!client.authenticate(server.login()).ok()) {
      client.close();
      throw new AssertionError(server + " refused its own login");
    }
    return client;
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    processes.forEach(Process::destroy);
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = listener.accept();
        Process process =
            place.start(
                "bash",
                "-c",
                "exec 3<>/dev/tcp/$0/$1 && { cat <&3 & cat >&3; kill %1; }",
                server.address(),
                Integer.toString(server.port()));
        processes.add(process);
        pump(socket.getInputStream(), process.getOutputStream());
        pump(process.getInputStream(), socket.getOutputStream());
      } catch (IOException e) {
        // Closed.
        return;
      }
    }
  }

  /** Closes the one end when the other is closed. */
  private static void pump(InputStream from, OutputStream to) {
    Thread.ofVirtual()
        .start(
            () -> {
              try (from;
                  to) {
                byte[] buffer = new byte[8192];
                int length = from.read(buffer);
                while (length >= 0) {
                  to.write(buffer, 0, length);
                  to.flush();
                  length = from.read(buffer);
                }
              } catch (IOException e) {
                // One end was closed: so is the other now.
              }
            });
  }
}
