package io.securememcached.operator.verify;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * A port of loopback that answers nothing, as where a policy drops packets: Linux drops requests
 * for a connection once the queue of a listener is full.
 */
final class SilentPort implements AutoCloseable {

  private final ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
  private final Socket second = new Socket(full.getInetAddress(), full.getLocalPort());

  SilentPort() throws IOException {}

  int port() {
    return full.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    second.close();
    first.close();
    full.close();
  }
}
