package io.securememcached.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A running prometheus/memcached_exporter, built by the testbed's scripts. */
public final class MemcachedExporter implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(20);

  private static final Pattern LISTENING = Pattern.compile("address=127\\.0\\.0\\.1:(\\d+)");

  private final Process process;
  private final int port;

  private MemcachedExporter(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts one.
   *
   * @param server that it asks
   * @param log file that its output goes to
   */
  static MemcachedExporter start(InetSocketAddress server, Path log) throws Exception {
    return start(
        List.of(
            binary().toString(),
            "--memcached.address=127.0.0.1:" + server.getPort(),
            "--memcached.timeout=10s"),
        log);
  }

  /**
   * Starts one on the first processor, for {@code /scrape?target=}.
   *
   * @param log file that its output goes to
   */
  public static MemcachedExporter startOnOneProcessor(Path log) throws Exception {
    return start(List.of("taskset", "-c", "0", binary().toString(), "--memcached.address="), log);
  }

  private static MemcachedExporter start(List<String> command, Path log) throws Exception {
    List<String> listening = new ArrayList<>(command);
    listening.add("--web.listen-address=127.0.0.1:0");
    Process process =
        new ProcessBuilder(listening)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      List<Integer> ports = new ArrayList<>();
      await("memcached_exporter to listen; its output is in " + log)
          .atMost(START)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                Matcher line = LISTENING.matcher(Files.readString(log));
                if (line.find()) {
                  ports.add(Integer.valueOf(line.group(1)));
                }
                return !ports.isEmpty();
              });
      return new MemcachedExporter(process, ports.getFirst());
    } catch (RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static Path binary() throws Exception {
    Process build =
        new ProcessBuilder(
                Guarded.ROOT.resolve("testbed/testbed").toString(), "binaries", "prometheus")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(build.waitFor()).as("testbed/testbed binaries prometheus: %s", output).isZero();
    return Path.of(output.lines().reduce((first, last) -> last).orElseThrow())
        .resolve("memcached_exporter");
  }

  public Process process() {
    return process;
  }

  public int port() {
    return port;
  }

  /** Types and samples of what it says about its server; not what it says about itself. */
  String scrape() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return response
          .body()
          .lines()
          .filter(line -> line.startsWith("memcached_") || line.startsWith("# TYPE memcached_"))
          .filter(line -> !line.contains("memcached_exporter_"))
          .collect(Collectors.joining("\n", "", "\n"));
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
  }
}
