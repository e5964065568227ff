package io.securememcached.operator.app;

import java.io.IOException;
import java.net.InetAddress;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** A JVM of its own that connects once: its TLS settings are read when it starts. */
final class HandshakeClient {

  /** The exit code for no handshake. */
  static final int REFUSED = 3;

  private HandshakeClient() {}

  /**
   * Connects by TLS.
   *
   * @param arguments the port on loopback
   */
  public static void main(String[] arguments) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            SSLSocketFactory.getDefault()
                .createSocket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]))) {
      socket.startHandshake();
    } catch (SSLException e) {
      System.exit(REFUSED);
    }
  }
}
