package io.securememcached.operator.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A port of this machine that leads to another one, until its connections are silenced: they stay
 * open then and nothing comes through. Those that are made later are not affected.
 */
public final class SilencedRelay implements AutoCloseable {

  private final String host;
  private final int target;
  private final ServerSocket listener;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Set<Socket> silent = ConcurrentHashMap.newKeySet();

  /** A relay to a port of a host. */
  public SilencedRelay(String host, int port) throws IOException {
    this.host = host;
    this.target = port;
    listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return listener.getLocalPort();
  }

  /** From now on nothing comes through the connections that there are. */
  public void silence() {
    silent.addAll(connections);
  }

  /** How many connections were silenced. */
  public int silenced() {
    return silent.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(host, target);
        connections.add(client);
        connections.add(server);
        Thread.ofVirtual().start(() -> pump(client, server));
        Thread.ofVirtual().start(() -> pump(server, client));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (!silent.contains(from)) {
          out.write(buffer, 0, read);
        }
      }
      if (!silent.contains(from)) {
        to.shutdownOutput();
      }
    } catch (IOException e) {
      // One of the two has closed.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }
}
