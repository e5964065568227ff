package io.securememcached.operator.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.Guarded;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpEndpointTest {

  /** The kubelet's, in the chart. */
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration WANTED = Duration.ofSeconds(1);

  private final AtomicBoolean alive = new AtomicBoolean(true);
  private final AtomicBoolean ready = new AtomicBoolean();
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpEndpoint health = HttpEndpoint.health(0, alive::get, ready::get);
  private final HttpEndpoint prometheus = HttpEndpoint.metrics(0, Protection.none(), metrics);
  private final List<Socket> clients = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    health.close();
    prometheus.close();
  }

  @Test
  void tellsWhetherTheOperatorIsAliveAndReady() throws Exception {
    assertThat(get(health, "/livez").statusCode()).isEqualTo(200);
    assertThat(get(health, "/readyz").statusCode()).isEqualTo(503);

    alive.set(false);
    ready.set(true);

    assertThat(get(health, "/livez").statusCode()).isEqualTo(503);
    assertThat(get(health, "/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void tellsMetricsInPrometheusTextFormat() throws Exception {
    metrics.counter("passes").increment(3);

    HttpResponse<String> response = get(prometheus, "/metrics");

    assertThat(response.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body()).contains("passes_total 3.0\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate, GZIP;q=0.5", "br , gzip ; q=1.0"})
  void compressesForCallersThatAcceptIt(String accepted) throws Exception {
    metrics.counter("passes").increment(3);

    HttpResponse<byte[]> response = getAccepting(accepted);

    assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(response.headers().firstValue("Vary")).contains("Accept-Encoding");
    try (InputStream body = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
      assertThat(new String(body.readAllBytes(), UTF_8)).contains("passes_total 3.0\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip;q=0", "gzip; q=0.000", "x-gzip-like", "deflate"})
  void compressesForNobodyElse(String accepted) throws Exception {
    metrics.counter("passes").increment(3);

    HttpResponse<byte[]> response = getAccepting(accepted);

    assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(new String(response.body(), UTF_8)).contains("passes_total 3.0\n");
  }

  private HttpResponse<byte[]> getAccepting(String encodings) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://localhost:" + prometheus.port() + "/metrics"))
              .header("Accept-Encoding", encodings)
              .build(),
          HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  @Test
  void knowsNothingElse() throws Exception {
    assertThat(get(health, "/").statusCode()).isEqualTo(404);
    assertThat(get(health, "/metrics").statusCode()).isEqualTo(404);
    assertThat(get(prometheus, "/livez").statusCode()).isEqualTo(404);
  }

  @Test
  void namesAPortThatIsTaken() {
    assertThatThrownBy(() -> HttpEndpoint.health(health.port(), alive::get, ready::get))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("HEALTH_PORT " + health.port() + " can't be used: ")
        .hasMessageEndingWith("; set another port");
    assertThatThrownBy(() -> HttpEndpoint.metrics(health.port(), Protection.none(), metrics))
        .hasMessageStartingWith("METRICS_PORT " + health.port() + " can't be used: ");
  }

  /** What a client sends after it has connected; then it waits. */
  private enum Client {
    SILENT(1, ""),
    SLOW(1, "GET /livez HT"),
    UNFINISHED(1, "GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1"),
    DEAF(40, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2000)),
    MANY_SLOW(1000, "GET /livez HT"),
    MANY_SILENT(1000, "");

    private final int number;
    private final byte[] sent;

    Client(int number, String sent) {
      this.number = number;
      this.sent = sent.getBytes(US_ASCII);
    }
  }

  @ParameterizedTest
  @EnumSource
  void noClientDelaysAProbe(Client client) throws IOException {
    probe();
    for (int i = 0; i < client.number; i++) {
      connect(health).getOutputStream().write(client.sent);
    }

    assertProbesAreQuick();
  }

  @Test
  void clientThatSendsForEverDelaysNoProbe() throws Exception {
    probe();
    List<Thread> senders = new ArrayList<>();
    for (String start : List.of("GET /", "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\n")) {
      Socket client = connect(health);
      senders.add(Thread.ofVirtual().start(() -> sendForEver(client, start)));
    }

    assertProbesAreQuick();
    for (Thread sender : senders) {
      assertThat(sender.join(Duration.ofMinutes(1))).as("was hung up on").isTrue();
    }
  }

  @Test
  void clientOfTheMetricsPortDelaysNoProbe() throws IOException {
    probe();
    for (int i = 0; i < 500; i++) {
      connect(prometheus).getOutputStream().write(Client.SLOW.sent);
    }

    assertProbesAreQuick();
  }

  @ParameterizedTest
  @EnumSource(names = {"SILENT", "SLOW", "UNFINISHED"})
  void clientThatTakesItsTimeIsHungUpOn(Client client) throws IOException {
    Socket socket = connect(health);
    socket.getOutputStream().write(client.sent);
    // Far more than the limit, far less than for ever.
    socket.setSoTimeout(60_000);

    try {
      socket.getInputStream().readAllBytes();
    } catch (SocketException e) {
      // Reset, as it had sent what nobody read.
    }
  }

  /** The limits hold in the image only if they are in its arguments; here the build sets them. */
  @Test
  void limitsAreThoseOfTheImage() throws IOException {
    Properties image = new Properties();
    for (String line :
        Files.readAllLines(Guarded.ROOT.resolve(Path.of("images/operator/jvm.args")))) {
      if (line.startsWith("-D") && line.contains("httpserver.m")
          || line.startsWith("-Dsun.net.httpserver.")) {
        String[] pair = line.substring(2).split("=", 2);
        image.setProperty(pair[0], pair[1]);
      }
    }
    Properties here = new Properties();
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.contains(".httpserver.") && !name.startsWith("com."))
        .forEach(name -> here.setProperty(name, System.getProperty(name)));
    assertThat(image).hasSize(9).isEqualTo(here);
  }

  private void assertProbesAreQuick() throws IOException {
    Duration[] probes = new Duration[9];
    for (int i = 0; i < probes.length; i++) {
      probes[i] = probe();
    }
    Arrays.sort(probes);
    assertThat(probes[probes.length / 2]).isLessThan(WANTED);
  }

  /** As the kubelet asks: on a connection of its own; fails after the time that the probe has. */
  private Duration probe() throws IOException {
    long begin = System.nanoTime();
    try (Socket socket = new Socket()) {
      socket.setSoTimeout((int) PROBE_TIMEOUT.toMillis());
      socket.connect(address(health), (int) PROBE_TIMEOUT.toMillis());
      socket
          .getOutputStream()
          .write("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 200 ");
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private static void sendForEver(Socket client, String start) {
    byte[] more = "Y".repeat(8192).getBytes(US_ASCII);
    try {
      client.getOutputStream().write(start.getBytes(US_ASCII));
      while (true) {
        client.getOutputStream().write(more);
      }
    } catch (IOException e) {
      // Hung up on.
    }
  }

  private Socket connect(HttpEndpoint endpoint) throws IOException {
    Socket client = new Socket();
    clients.add(client);
    client.connect(address(endpoint), (int) PROBE_TIMEOUT.toMillis());
    return client;
  }

  private static InetSocketAddress address(HttpEndpoint endpoint) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port());
  }

  private static HttpResponse<String> get(HttpEndpoint endpoint, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + endpoint.port() + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
