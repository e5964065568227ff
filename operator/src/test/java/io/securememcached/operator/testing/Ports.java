package io.securememcached.operator.testing;

import java.io.IOException;
import java.net.ServerSocket;

/** Ports for programs that can't say which one they got. */
public final class Ports {

  private Ports() {}

  /** A TCP port on which nothing listened a moment ago, on any address. */
  public static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
