package io.securememcached.operator.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scrapes that take their time, beside others. */
class ConcurrentScrapesTest {

  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Socket> silent = new ArrayList<>();

  /** Servers of the namespace "slow" do not answer. */
  private final HttpEndpoint endpoint =
      HttpEndpoint.metrics(
          0,
          Protection.none(),
          scope ->
              MetricsPage.ok(
                  out -> {
                    if (scope instanceof MetricsScope.Namespace own
                        && own.namespace().equals("slow")) {
                      arrived.countDown();
                      await();
                    }
                    out.append("of ").append(scope.toString());
                  }));

  private void await() throws IOException {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IOException("another request took the place of this one", e);
    }
  }

  @AfterEach
  void close() throws IOException {
    end.countDown();
    for (Socket socket : silent) {
      socket.close();
    }
    http.close();
    endpoint.close();
  }

  @Test
  void tenantsTakeNoPlaceOfThoseForAll() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> slow = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      slow.add(get("/metrics/namespaces/slow"));
    }
    arrived.await();
    assertThat(get("/metrics").join().body()).isEqualTo("of All[]");
    end.countDown();
    for (CompletableFuture<HttpResponse<String>> one : slow) {
      assertThat(one.join().statusCode()).as("those that had to wait too").isEqualTo(200);
    }
  }

  @Test
  void clientsThatSendNothingEndNoScrape() throws Exception {
    CompletableFuture<HttpResponse<String>> slow = get("/metrics/namespaces/slow");
    arrived.await();
    for (int i = 0; i < 2 * NewestRequests.MOST; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
      silent.add(socket);
      socket.getOutputStream().write("GET /metrics HT".getBytes(US_ASCII));
    }
    // Is accepted after them.
    assertThat(get("/metrics").join().statusCode()).isEqualTo(200);
    end.countDown();
    assertThat(slow.join().body()).startsWith("of Namespace[");
  }

  private CompletableFuture<HttpResponse<String>> get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path)).build();
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }
}
