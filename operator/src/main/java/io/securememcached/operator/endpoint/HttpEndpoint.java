package io.securememcached.operator.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * An HTTP port: one without authentication for the kubelet's health probes, one for Prometheus'
 * metrics, with a {@link Protection}.
 *
 * <p>Clients may be slow, silent or numerous: each request has its own thread and time limits, and
 * their number is limited ({@link NewestRequests}, and the {@code httpserver} properties in
 * images/operator/jvm.args).
 */
public final class HttpEndpoint implements AutoCloseable {

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  /** Connections that the kernel holds until they are accepted; by default 50. */
  private static final int BACKLOG = 1024;

  /** Responses with all metrics at the same time: the operator's are in memory, up to 2 MB each. */
  private static final int SCRAPES = 2;

  /** The same for a namespace or a resource: no tenant takes a place of those for all. */
  private static final int OWN_SCRAPES = 8;

  /** How long a scrape waits for others; Prometheus waits 10 s by default. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final String[] TLS_VERSIONS = {"TLSv1.2", "TLSv1.3"};

  private final HttpServer server;
  private final Protection protection;
  private final NewestRequests requests = new NewestRequests();
  private final Semaphore scrapes = new Semaphore(SCRAPES, true);
  private final Semaphore ownScrapes = new Semaphore(OWN_SCRAPES, true);

  private HttpEndpoint(String setting, int port, Protection protection) {
    this.protection = protection;
    InetSocketAddress address = new InetSocketAddress(port);
    try {
      server =
          switch (protection) {
            case Protection.None none -> HttpServer.create(address, BACKLOG);
            case Protection.Authenticated callers -> https(address, callers.tls());
          };
    } catch (IOException e) {
      throw new UncheckedIOException(
          setting + " " + port + " can't be used: " + e.getMessage() + "; set another port", e);
    }
    server.setExecutor(requests);
  }

  private static HttpServer https(InetSocketAddress address, SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(address, BACKLOG);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters tlsParameters = getSSLContext().getDefaultSSLParameters();
            tlsParameters.setProtocols(TLS_VERSIONS);
            parameters.setSSLParameters(tlsParameters);
          }
        });
    return server;
  }

  /**
   * Answers {@code /livez} and {@code /readyz} on all addresses.
   *
   * @param port 0 takes a free one
   * @throws UncheckedIOException when the port is taken
   */
  public static HttpEndpoint health(int port, BooleanSupplier alive, BooleanSupplier ready) {
    return health(port, alive, ready, Stream::empty);
  }

  /**
   * As above.
   *
   * @param notes additional lines of {@code /readyz}
   */
  public static HttpEndpoint health(
      int port, BooleanSupplier alive, BooleanSupplier ready, Supplier<Stream<String>> notes) {
    HttpEndpoint endpoint = new HttpEndpoint("HEALTH_PORT", port, Protection.none());
    endpoint.server.createContext("/livez", exchange -> health(exchange, alive, Stream::empty));
    endpoint.server.createContext("/readyz", exchange -> health(exchange, ready, notes));
    endpoint.server.start();
    return endpoint;
  }

  /**
   * Answers {@code /metrics} with what a registry holds. It contains names of resources and the
   * failed checks of each server.
   *
   * @param port 0 takes a free one
   * @throws UncheckedIOException when the port is taken
   */
  public static HttpEndpoint metrics(
      int port, Protection protection, PrometheusMeterRegistry registry) {
    return metrics(
        port,
        protection,
        scope ->
            scope instanceof MetricsScope.All
                ? MetricsPage.ok(out -> out.append(registry.scrape()))
                : MetricsPage.notFound("There are metrics at /metrics only"));
  }

  /**
   * Answers the paths of {@link MetricsScope} in Prometheus' text format on all addresses. Nothing
   * but the path chooses what is answered.
   *
   * @param port 0 takes a free one
   * @param pages for a caller who may read that scope
   * @throws UncheckedIOException when the port is taken
   */
  public static HttpEndpoint metrics(
      int port, Protection protection, Function<MetricsScope, MetricsPage> pages) {
    HttpEndpoint endpoint = new HttpEndpoint("METRICS_PORT", port, protection);
    endpoint.server.createContext(MetricsScope.PATH, exchange -> endpoint.metrics(exchange, pages));
    endpoint.server.start();
    return endpoint;
  }

  private void metrics(HttpExchange exchange, Function<MetricsScope, MetricsPage> pages)
      throws IOException {
    Optional<MetricsScope> scope = MetricsScope.of(exchange.getRequestURI().getRawPath());
    if (scope.isEmpty()) {
      answer(
          exchange,
          404,
          TEXT,
          "Unknown path; known: /metrics, /metrics/namespaces/NAMESPACE,"
              + " /metrics/namespaces/NAMESPACE/NAME\n");
      return;
    }
    Optional<Refusal> refusal =
        protection.refusal(
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
            scope.get());
    if (refusal.isPresent()) {
      if (!refusal.get().challenge().isEmpty()) {
        exchange.getResponseHeaders().set("WWW-Authenticate", refusal.get().challenge());
      }
      answer(exchange, refusal.get().status(), TEXT, refusal.get().text() + "\n");
      return;
    }
    Semaphore places = scope.get() instanceof MetricsScope.All ? scrapes : ownScrapes;
    if (!isAcquired(places)) {
      answer(exchange, 503, TEXT, "Too many concurrent scrapes, retry later\n");
      return;
    }
    try {
      requests.exempt();
      stream(exchange, pages.apply(scope.get()));
    } finally {
      places.release();
    }
  }

  private static boolean isAcquired(Semaphore places) {
    try {
      return places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** In chunks: the metrics of a thousand servers are some megabytes. */
  private static void stream(HttpExchange exchange, MetricsPage page) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", page.status() == 200 ? PROMETHEUS : TEXT);
    TextBody body = TextBody.send(exchange, page.status());
    page.content().writeTo(body);
    // Not after a failure.
    body.close();
    exchange.close();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    requests.close();
    protection.close();
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
      byte[] body = text.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
