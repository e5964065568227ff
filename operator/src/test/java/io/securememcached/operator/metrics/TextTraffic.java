package io.securememcached.operator.metrics;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Requests of the text protocol that make most statistics of a server larger than 0. */
final class TextTraffic implements AutoCloseable {

  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;

  TextTraffic(InetSocketAddress server) throws IOException {
    socket = new Socket(server.getAddress(), server.getPort());
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    out = socket.getOutputStream();
  }

  /** For a server with a cache of 2 MiB. */
  void run() throws IOException {
    for (int i = 0; i < 60; i++) {
      for (int size : new int[] {30, 300, 3000}) {
        store("set key%d-%d 0 0".formatted(size, i), size, "");
      }
    }
    for (int i = 0; i < 400; i++) {
      store("set large" + i + " 0 3600", 30_000, "");
    }
    store("set too-large 0 0", 2 << 20, "");
    store("set number 0 0", 2, "");
    for (int i = 0; i < 80; i++) {
      send("get key30-" + i, "END");
    }
    for (String command : new String[] {"incr %s 1", "decr %s 1", "touch %s 100", "delete %s"}) {
      send(command.formatted("missing"), "NOT_FOUND");
    }
    store("set n 0 0", 1, "");
    send("incr n 5", "");
    send("decr n 2", "");
    send("touch n 100", "TOUCHED");
    send("delete n", "DELETED");
    store("set cas 0 0", 1, "");
    String unique = send("gets cas", "END").split(" ")[4].split("\r?\n")[0];
    store("cas cas 0 0", 1, " " + unique);
    store("cas cas 0 0", 1, " " + unique);
    store("cas missing 0 0", 1, " " + unique);
    send("flush_all 1000000", "OK");
  }

  private void store(String command, int size, String end) throws IOException {
    send(command + " " + size + end + "\r\n" + "1".repeat(size), "");
  }

  /** Returns the lines up to the one that begins with the text. */
  private String send(String command, String last) throws IOException {
    out.write((command + "\r\n").getBytes(US_ASCII));
    out.flush();
    StringBuilder answer = new StringBuilder();
    String line;
    do {
      line = in.readLine();
      answer.append(line).append('\n');
    } while (!line.startsWith(last));
    return answer.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
