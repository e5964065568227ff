package io.securememcached.operator.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authentication.UserInfoBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import okhttp3.tls.HandshakeCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpsEndpointTest {

  private static final TlsIdentity IDENTITY = TlsIdentity.selfMade();
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpEndpoint endpoint =
      HttpEndpoint.metrics(0, Protection.of(() -> IDENTITY, new OneCaller()), registry);
  private final List<Socket> clients = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    endpoint.close();
  }

  @Test
  void answersCallersWithTheRight() throws Exception {
    registry.counter("passes").increment(3);

    HttpResponse<String> allowed = get(endpoint, "/metrics?target=10.0.0.1:1", "good");
    assertThat(allowed.statusCode()).isEqualTo(200);
    assertThat(allowed.body()).contains("passes_total 3.0\n");
    assertThat(allowed.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");

    HttpResponse<String> none = get(endpoint, "/metrics", "");
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"metrics\"");
    assertThat(get(endpoint, "/metrics", "bad").statusCode()).isEqualTo(401);
    HttpResponse<String> forbidden = get(endpoint, "/metrics/namespaces/shop", "poor");
    assertThat(forbidden.statusCode()).isEqualTo(403);
    assertThat(forbidden.body()).contains("securememcacheds/metrics").doesNotContain("passes");
    assertThat(get(endpoint, "/metrics/namespaces/shop", "good").statusCode()).isEqualTo(404);
    assertThat(get(endpoint, "/metricsx", "good").statusCode()).isEqualTo(404);
    assertThat(get(endpoint, "/other", "good").statusCode()).isEqualTo(404);
  }

  @Test
  void withoutProtectionEveryoneIsAnswered() throws Exception {
    try (HttpEndpoint open = HttpEndpoint.metrics(0, Protection.none(), registry);
        HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://localhost:" + open.port() + "/metrics");
      assertThat(
              client
                  .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void speaksTls12And13Only() throws Exception {
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      assertThat(get(endpoint, "/metrics", "good", version).statusCode()).isEqualTo(200);
    }
    assertThatThrownBy(() -> get(endpoint, "/metrics", "good", "TLSv1.1"))
        .isInstanceOf(SSLException.class);
    try (Socket plain = connect()) {
      plain.getOutputStream().write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
      assertThat(new String(read(plain), US_ASCII)).doesNotContain("HTTP");
    }
  }

  /** Half a handshake: the beginning of a record of 5 + 512 bytes. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 6})
  void slowAndSilentClientsDelayNoScrapeAndAreHungUpOn(int sent) throws Exception {
    byte[] start = {0x16, 3, 1, 2, 0, 1};
    for (int i = 0; i < 200; i++) {
      connect().getOutputStream().write(start, 0, sent);
    }

    assertThat(get(endpoint, "/metrics", "good").statusCode()).isEqualTo(200);
    for (Socket client : clients) {
      assertThat(read(client)).hasSizeLessThan(100);
    }
  }

  @Test
  void partOfAPageDoesNotLookLikeTheWhole() throws Exception {
    try (HttpEndpoint broken =
        HttpEndpoint.metrics(
            0,
            Protection.of(() -> IDENTITY, new OneCaller()),
            scope ->
                MetricsPage.ok(
                    out -> {
                      out.append("x".repeat(100_000));
                      throw new IOException("the rest is missing");
                    }))) {
      assertThatThrownBy(() -> get(broken, "/metrics", "good")).isInstanceOf(IOException.class);
    }
  }

  private Socket connect() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
    // Far more than the limit, far less than for ever.
    client.setSoTimeout(60_000);
    clients.add(client);
    return client;
  }

  private static byte[] read(Socket client) throws IOException {
    try {
      return client.getInputStream().readAllBytes();
    } catch (SocketException e) {
      // Reset, as it had sent what nobody read.
      return new byte[0];
    }
  }

  private static HttpResponse<String> get(HttpEndpoint endpoint, String path, String token)
      throws Exception {
    return get(endpoint, path, token, "TLSv1.3");
  }

  private static HttpResponse<String> get(
      HttpEndpoint endpoint, String path, String token, String version) throws Exception {
    SSLContext trusting =
        new HandshakeCertificates.Builder()
            .addTrustedCertificate(IDENTITY.chain().getFirst())
            .build()
            .sslContext();
    SSLParameters versions = new SSLParameters();
    versions.setProtocols(new String[] {version});
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + endpoint.port() + path))
            .timeout(PATIENCE);
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(trusting).sslParameters(versions).build()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /** An API server that knows "good", who may read all, and "poor". */
  private static final class OneCaller implements Reviews {

    @Override
    public Optional<UserInfo> user(String token) {
      return Optional.of(token)
          .filter(known -> known.equals("good") || known.equals("poor"))
          .map(name -> new UserInfoBuilder().withUsername(name).build());
    }

    @Override
    public boolean allows(UserInfo user, MetricsScope scope) {
      return user.getUsername().equals("good") && scope instanceof MetricsScope.All;
    }
  }
}
