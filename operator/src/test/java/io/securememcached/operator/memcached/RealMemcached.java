package io.securememcached.operator.memcached;

import static org.awaitility.Awaitility.await;

import io.securememcached.operator.DebianTools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A memcached of this machine, started as the operator starts its servers, on loopback. */
public final class RealMemcached implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(20);

  private final Process process;
  private final InetSocketAddress address;

  private RealMemcached(Process process, int port) {
    this.process = process;
    this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param saslDirectory value of SASL_CONF_PATH; the server's output goes there too
   */
  public static RealMemcached start(Path saslDirectory) throws IOException {
    String program = DebianTools.find(List.of("memcached"));
    Path portFile = saslDirectory.resolve("port");
    Path log = saslDirectory.resolve("log");
    // Port -1 lets the kernel choose: a port found free beforehand could be gone by now.
    ProcessBuilder builder =
        new ProcessBuilder(
                program,
                "-p",
                "-1",
                "-U",
                "0",
                "-S",
                "-l",
                "127.0.0.1",
                "-m",
                "64",
                "-t",
                "1",
                "-v",
                "-u",
                System.getProperty("user.name"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("SASL_CONF_PATH", saslDirectory.toString());
    builder.environment().put("MEMCACHED_PORT_FILENAME", portFile.toString());
    Process process = builder.start();
    try {
      await("memcached to listen; its output is in " + log)
          .atMost(START)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> Files.exists(portFile) || !process.isAlive());
      if (!process.isAlive()) {
        throw new AssertionError("memcached ended: " + Files.readString(log));
      }
      String port = Files.readString(portFile).replaceFirst("TCP INET: ", "").strip();
      return new RealMemcached(process, Integer.parseInt(port));
    } catch (RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** A new connection, not logged in. */
  public MemcachedClient connect() throws MemcachedException {
    return MemcachedClient.connect(address, Timeouts.DEFAULT);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
