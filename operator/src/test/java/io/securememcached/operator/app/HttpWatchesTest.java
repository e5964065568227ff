package io.securememcached.operator.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpWatchesTest {

  /** Characters of one to four bytes, and what JSON escapes anyway. */
  private static final List<String> TEXTS =
      List.of("plain", "größe", "日本語", "🔒🔑 a", "\"\\\n\t\u2028", "end");

  private static final int ONE_PIECE = 1 << 20;
  private static final String LOST = "lost";

  private volatile int piece = ONE_PIECE;
  private volatile boolean ends;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 64, ONE_PIECE})
  void textOfAnyKindComesInPiecesOfAnySize(int size) {
    piece = size;
    try (KubernetesClient client = ApiClient.watching(config(), Set.of())) {
      assertThat(seen(client, TEXTS.size())).isEqualTo(TEXTS);
    }
  }

  /** Once this fails, the interceptor can go. */
  @Test
  void clientAloneLosesText() {
    piece = 5;
    Config config = config();
    config.setOnlyHttpWatches(true);
    try (KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(config)
            .withHttpClientFactory(new JdkHttpClientFactory())
            .build()) {
      assertThat(seen(client, 2)).containsExactly("plain", LOST);
    }
  }

  /** An API server ends each watch after some minutes. */
  @Test
  void watchThatHasEndedGoesOnWithTheNext() {
    ends = true;
    try (KubernetesClient client = ApiClient.watching(config(), Set.of())) {
      List<String> twice = Stream.of(TEXTS, TEXTS).flatMap(List::stream).toList();
      assertThat(seen(client, twice.size())).isEqualTo(twice);
    }
  }

  private static List<String> seen(KubernetesClient client, int count) {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (var watch = client.configMaps().watch(new Recorder(seen))) {
      assertThat(watch).isNotNull();
      String[] texts = new String[count];
      Arrays.setAll(texts, i -> next(seen));
      return Arrays.asList(texts);
    }
  }

  private static String next(BlockingQueue<String> seen) {
    try {
      return seen.poll(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
        .withNamespace("shop")
        .build();
  }

  /** All texts; then the watch stays open, unless it is to end. */
  private void answer(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    StringBuilder events = new StringBuilder();
    for (String text : TEXTS) {
      String value =
          text.replace("\\", "\\\\")
              .replace("\"", "\\\"")
              .replace("\n", "\\n")
              .replace("\t", "\\t");
      events.append(
          """
            {"type": "ADDED", "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map", "resourceVersion": "1"}, "data": {"text": "%s"}}}
            """
              .formatted(value));
    }
    byte[] bytes = events.toString().getBytes(UTF_8);
    for (int from = 0; from < bytes.length; from += piece) {
      body.write(bytes, from, Math.min(piece, bytes.length - from));
      body.flush();
    }
    if (ends) {
      exchange.close();
    }
  }

  private record Recorder(BlockingQueue<String> seen) implements Watcher<ConfigMap> {
    @Override
    public void eventReceived(Action action, ConfigMap map) {
      seen.add(map.getData().get("text"));
    }

    @Override
    public void onClose(WatcherException cause) {
      seen.add(LOST);
    }
  }
}
