package io.securememcached.operator.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ServiceList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.client.ApiClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SequentialListsTest {

  private static final Pattern LIMIT = Pattern.compile("limit=([0-9]+)");

  private HttpServer server;
  private KubernetesClient client;

  /** Of the requests, in their order. */
  private final List<Integer> limits = new CopyOnWriteArrayList<>();

  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private volatile int length = 10;
  private volatile int code = 200;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    client =
        ApiClient.of(
            new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withRequestRetryBackoffLimit(0)
                .build());
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void ordinaryObjectsComeManyAtATime() {
    assertThat(list(Payload.PAGE).getItems()).hasSize(50);
    assertThat(limits).containsExactly(50);
  }

  @Test
  void nobodyGetsMoreThanAskedFor() {
    assertThat(list(5).getItems()).hasSize(5);
  }

  @Test
  void largeObjectsComeOneAtATime() {
    length = 1_000_000;

    assertThat(list(Payload.PAGE).getItems()).hasSize(1);
    assertThat(list(Payload.PAGE).getItems()).hasSize(1);

    assertThat(limits).containsExactly(50, 1, 1);
  }

  @Test
  void manyComeAgainAfterThem() {
    length = 1_000_000;
    list(Payload.PAGE);
    length = 10;
    limits.clear();

    IntStream.range(0, 4).forEach(page -> list(Payload.PAGE));

    assertThat(limits).containsExactly(1, 4, 16, 50);
  }

  @Test
  void noTwoAreReadAtOnce() {
    IntStream.range(0, 10)
        .mapToObj(page -> Thread.ofVirtual().start(() -> list(Payload.PAGE)))
        .toList()
        .forEach(SequentialListsTest::join);

    assertThat(limits).hasSize(10);
    assertThat(mostAtOnce).hasValue(1);
  }

  @Test
  void failureIsToldAndTheNextComes() {
    code = 403;
    assertThatThrownBy(() -> list(Payload.PAGE))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
    code = 200;

    assertThat(list(Payload.PAGE).getItems()).hasSize(50);
  }

  private ServiceList list(long limit) {
    return client
        .services()
        .inNamespace("any")
        .list(new ListOptionsBuilder().withLimit(limit).build());
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    mostAtOnce.accumulateAndGet(now.incrementAndGet(), Math::max);
    try (exchange) {
      Matcher limit = LIMIT.matcher(exchange.getRequestURI().getQuery());
      assertThat(limit.find()).isTrue();
      int count = Integer.parseInt(limit.group(1));
      limits.add(count);
      byte[] list =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      "{\"metadata\":{\"name\":\"%d\",\"labels\":{\"any\":\"%s\"}}}"
                          .formatted(i, "x".repeat(length)))
              .collect(
                  Collectors.joining(
                      ",", "{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"items\":[", "]}"))
              .getBytes(StandardCharsets.UTF_8);
      now.decrementAndGet();
      exchange.sendResponseHeaders(code, list.length);
      exchange.getResponseBody().write(list);
    } catch (IOException e) {
      // Given up by the client.
    }
  }
}
