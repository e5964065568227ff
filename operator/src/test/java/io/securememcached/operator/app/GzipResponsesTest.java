package io.securememcached.operator.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapListBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipResponsesTest {

  private static final String GZIP = "gzip";
  private static final int ONE_PIECE = 1 << 20;

  private final Map<String, Optional<String>> accepted = new ConcurrentHashMap<>();
  private final CompletableFuture<Optional<String>> watched = new CompletableFuture<>();
  private byte[] answer = {};
  private int piece = ONE_PIECE;
  private HttpServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client =
        ApiClient.of(
            new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withNamespace("shop")
                .withRequestRetryBackoffLimit(0)
                .build());
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  /** A piece of one byte splits the header and the end; pieces of 1000 leave both whole. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 10, 1000, ONE_PIECE})
  void compressedListIsReadInPiecesOfAnySize(int size) throws IOException {
    List<ConfigMap> items = items(size == 1 ? 20 : 400);
    answer = gzip(list(items));
    piece = size;
    assertThat(client.configMaps().list().getItems()).isEqualTo(items);
    assertThat(accepted.get("GET")).contains(GZIP);
  }

  @Test
  void plainAnswerIsReadAsItIs() {
    List<ConfigMap> items = items(3);
    answer = list(items);
    assertThat(client.configMaps().list().getItems()).isEqualTo(items);
  }

  @Test
  void emptyAnswerIsNoList() {
    assertThat(client.configMaps().list()).isNull();
  }

  @Test
  void writesAreLeftAlone() {
    answer = Serialization.asJson(items(1).getFirst()).getBytes(UTF_8);
    client.resource(items(1).getFirst()).create();
    assertThat(accepted.get("POST")).isEmpty();
  }

  @Test
  void watchesAreLeftAlone() {
    try (var watch = client.configMaps().watch(new Silent())) {
      assertThat(watch).isNotNull();
      assertThat(watched.join()).isEmpty();
    }
  }

  @Test
  void headerOfAnotherKindIsRefused() throws IOException {
    answer = gzip(list(items(1)));
    answer[3] = 8;
    assertThatThrownBy(() -> client.configMaps().list())
        .hasStackTraceContaining("byte 3 is 0x08, not 0x00");
  }

  @Test
  void brokenFileIsRefused() throws IOException {
    answer = gzip(list(items(1)));
    answer[10] = 7;
    assertThatThrownBy(() -> client.configMaps().list())
        .hasStackTraceContaining("not the gzip file it says it is");
  }

  /** Of text that does not compress to nothing, so that there is more than one buffer. */
  private static List<ConfigMap> items(int count) {
    Random random = new Random(count);
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("map" + i)
                    .withNamespace("shop")
                    .endMetadata()
                    .addToData("größe", Long.toHexString(random.nextLong()))
                    .build())
        .toList();
  }

  private static byte[] list(List<ConfigMap> items) {
    return Serialization.asJson(new ConfigMapListBuilder().withItems(items).build())
        .getBytes(UTF_8);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(file)) {
      gzip.write(content);
    }
    return file.toByteArray();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = String.valueOf(exchange.getRequestURI().getQuery());
      var encoding = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept-Encoding"));
      if (query.contains("watch=true")) {
        watched.complete(encoding);
      } else {
        accepted.put(exchange.getRequestMethod(), encoding);
      }
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      OutputStream body = exchange.getResponseBody();
      for (int from = 0; from < answer.length; from += piece) {
        body.write(answer, from, Math.min(piece, answer.length - from));
        body.flush();
      }
    }
  }

  private static final class Silent implements Watcher<ConfigMap> {
    @Override
    public void eventReceived(Action action, ConfigMap map) {
      // There is none.
    }

    @Override
    public void onClose(WatcherException cause) {
      // The server ends it.
    }
  }
}
