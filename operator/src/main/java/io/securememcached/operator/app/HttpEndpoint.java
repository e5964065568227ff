package io.securememcached.operator.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Health and metrics over HTTP: {@code /livez}, {@code /readyz} and {@code /metrics} in Prometheus'
 * text format. Answers without a login and holds nothing that needs one.
 */
final class HttpEndpoint implements AutoCloseable {

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;

  /**
   * Listens on all addresses.
   *
   * @throws UncheckedIOException when the port is taken
   */
  HttpEndpoint(
      int port, BooleanSupplier alive, BooleanSupplier ready, PrometheusMeterRegistry metrics) {
    try {
      server = HttpServer.create(new InetSocketAddress(port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("HTTP_PORT " + port + " can't be used: " + e.getMessage(), e);
    }
    server.createContext("/livez", exchange -> health(exchange, alive));
    server.createContext("/readyz", exchange -> health(exchange, ready));
    server.createContext(
        "/metrics", exchange -> answer(exchange, 200, PROMETHEUS, metrics.scrape()));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static void health(HttpExchange exchange, BooleanSupplier healthy) throws IOException {
    boolean ok = healthy.getAsBoolean();
    answer(exchange, ok ? 200 : 503, TEXT, ok ? "ok\n" : "not ok\n");
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
