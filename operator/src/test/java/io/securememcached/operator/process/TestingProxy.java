package io.securememcached.operator.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way to an API server that can get lost, as by a node's firewall or a forgetful NAT. */
public final class TestingProxy implements AutoCloseable {

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean silent;
  private volatile boolean cut;

  /** A way to the server of an https URL. */
  public TestingProxy(String url) {
    URI uri = URI.create(url);
    target = new InetSocketAddress(uri.getHost(), uri.getPort());
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** The URL of the same server by this way. */
  public String url() {
    return "https://127.0.0.1:" + server.getLocalPort();
  }

  /** From now on connections stay, and new ones are accepted, but nothing gets through. */
  public void fallSilent() {
    silent = true;
  }

  /** Breaks all connections, and new ones at once. */
  public void cut() {
    cut = true;
    closeAll();
  }

  /** Breaks all connections, as a server does that restarts; new ones get through. */
  public void breakConnections() {
    closeAll();
  }

  private void accept() {
    while (true) {
      try {
        Socket client = server.accept();
        sockets.add(client);
        if (cut) {
          client.close();
          continue;
        }
        Socket upstream = new Socket();
        sockets.add(upstream);
        upstream.connect(target);
        Thread.ofVirtual().start(() -> pass(client, upstream));
        Thread.ofVirtual().start(() -> pass(upstream, client));
      } catch (IOException e) {
        return;
      }
    }
  }

  /** What comes while it is silent is lost, also when it is read later. */
  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[16384];
    try (from;
        to) {
      InputStream input = from.getInputStream();
      OutputStream output = to.getOutputStream();
      for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
        if (!silent) {
          output.write(buffer, 0, read);
        }
      }
    } catch (IOException e) {
      // The other side has gone.
    }
  }

  private void closeAll() {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    closeAll();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
