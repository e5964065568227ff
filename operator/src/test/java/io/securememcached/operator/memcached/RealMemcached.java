package io.securememcached.operator.memcached;

import static org.awaitility.Awaitility.await;

import io.securememcached.operator.DebianTools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A memcached of this machine, started as the operator starts its servers, on loopback. */
public final class RealMemcached implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(20);

  /** Begins a line of the file of ports. */
  private static final String TCP = "TCP INET: ";

  private static final String TCP6 = "TCP INET6: ";

  /** What the operator passes, too. */
  private static final List<String> HARDENED = List.of("-U", "0", "-S", "-l", "127.0.0.1");

  private final Process process;
  private final List<InetSocketAddress> addresses;

  private RealMemcached(Process process, List<InetSocketAddress> addresses) {
    this.process = process;
    this.addresses = addresses;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param saslDirectory value of SASL_CONF_PATH; the server's output goes there too
   */
  public static RealMemcached start(Path saslDirectory) throws IOException {
    return start(saslDirectory, HARDENED);
  }

  /**
   * Starts a server that need not be hardened.
   *
   * @param options in place of the hardening ones; a port of their own goes before the kernel's
   */
  public static RealMemcached start(Path saslDirectory, List<String> options) throws IOException {
    String program = DebianTools.find(List.of("memcached"));
    Path portFile = saslDirectory.resolve("port");
    Path log = saslDirectory.resolve("log");
    // Port -1 lets the kernel choose: a port found free beforehand could be gone by now.
    List<String> command =
        new ArrayList<>(List.of(program, "-p", "-1", "-m", "64", "-t", "1", "-v"));
    command.addAll(List.of("-u", System.getProperty("user.name")));
    command.addAll(options);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SASL_CONF_PATH", saslDirectory.toString());
    builder.environment().put("MEMCACHED_PORT_FILENAME", portFile.toString());
    Files.deleteIfExists(portFile);
    Process process = builder.start();
    try {
      await("memcached to listen; its output is in " + log)
          .atMost(START)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> Files.exists(portFile) || !process.isAlive());
      if (!process.isAlive()) {
        throw new AssertionError("memcached ended: " + Files.readString(log));
      }
      return new RealMemcached(process, addresses(Files.readAllLines(portFile)));
    } catch (RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static List<InetSocketAddress> addresses(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(TCP) || line.startsWith(TCP6))
        .map(
            line ->
                new InetSocketAddress(
                    InetAddress.ofLiteral(line.startsWith(TCP6) ? "::1" : "127.0.0.1"),
                    Integer.parseInt(line.substring(line.indexOf(':') + 1).strip())))
        .toList();
  }

  /** Where it listens, or the first such place. */
  public InetSocketAddress address() {
    return addresses.getFirst();
  }

  /** Its process. */
  public long pid() {
    return process.pid();
  }

  /** All places where it listens by TCP. */
  public List<InetSocketAddress> addresses() {
    return addresses;
  }

  /** A new connection, not logged in. */
  public MemcachedClient connect() throws MemcachedException {
    return MemcachedClient.connect(address(), Timeouts.DEFAULT);
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
