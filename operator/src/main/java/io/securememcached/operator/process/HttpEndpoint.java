package io.securememcached.operator.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An HTTP port without authentication: one for the kubelet's health probes, one for Prometheus'
 * metrics.
 *
 * <p>Clients may be slow, silent or numerous: each request has its own thread and time limits, and
 * their number is limited ({@link NewestRequests}, and the {@code httpserver} properties in
 * images/operator/jvm.args).
 */
final class HttpEndpoint implements AutoCloseable {

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  /** Connections that the kernel holds until they are accepted; by default 50. */
  private static final int BACKLOG = 1024;

  /** Responses with metrics that are in memory at the same time, up to 2 MB each. */
  private static final int SCRAPES = 2;

  private final HttpServer server;
  private final NewestRequests requests = new NewestRequests();

  private HttpEndpoint(String setting, int port) {
    try {
      server = HttpServer.create(new InetSocketAddress(port), BACKLOG);
    } catch (IOException e) {
      throw new UncheckedIOException(
          setting + " " + port + " can't be used: " + e.getMessage() + "; set another port", e);
    }
    server.setExecutor(requests);
  }

  /**
   * Answers {@code /livez} and {@code /readyz} on all addresses.
   *
   * @param port 0 takes a free one
   * @throws UncheckedIOException when the port is taken
   */
  static HttpEndpoint health(int port, BooleanSupplier alive, BooleanSupplier ready) {
    return health(port, alive, ready, Stream::empty);
  }

  /**
   * As above.
   *
   * @param notes additional lines of {@code /readyz}
   */
  static HttpEndpoint health(
      int port, BooleanSupplier alive, BooleanSupplier ready, Supplier<Stream<String>> notes) {
    HttpEndpoint endpoint = new HttpEndpoint("HEALTH_PORT", port);
    endpoint.server.createContext("/livez", exchange -> health(exchange, alive, Stream::empty));
    endpoint.server.createContext("/readyz", exchange -> health(exchange, ready, notes));
    endpoint.server.start();
    return endpoint;
  }

  /**
   * Answers {@code /metrics} in Prometheus' text format on all addresses. They contain names of
   * resources and the failed checks of each server.
   *
   * @param port 0 takes a free one
   * @throws UncheckedIOException when the port is taken
   */
  static HttpEndpoint metrics(int port, PrometheusMeterRegistry metrics) {
    HttpEndpoint endpoint = new HttpEndpoint("METRICS_PORT", port);
    Semaphore scrapes = new Semaphore(SCRAPES);
    endpoint.server.createContext(
        "/metrics",
        exchange -> {
          if (!scrapes.tryAcquire()) {
            answer(exchange, 503, TEXT, "Too many concurrent scrapes, retry later\n");
            return;
          }
          try {
            answer(exchange, 200, PROMETHEUS, metrics.scrape());
          } finally {
            scrapes.release();
          }
        });
    endpoint.server.start();
    return endpoint;
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    requests.close();
  }

  private static void health(
      HttpExchange exchange, BooleanSupplier healthy, Supplier<Stream<String>> notes)
      throws IOException {
    boolean ok = healthy.getAsBoolean();
    answer(
        exchange,
        ok ? 200 : 503,
        TEXT,
        Stream.concat(Stream.of(ok ? "ok" : "not ok"), notes.get())
            .map(line -> line + "\n")
            .collect(Collectors.joining()));
  }

  private static void answer(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
