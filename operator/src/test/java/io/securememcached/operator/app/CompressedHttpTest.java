package io.securememcached.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class CompressedHttpTest {

  private static final String LIST =
      """
      {"apiVersion": "v1", "kind": "SecretList", "metadata": {"resourceVersion": "1"},
       "items": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "packed"}}]}""";

  /** The server packs as the API server does: long answers, for clients that take them. */
  @Test
  void asksForPackedListsAndReadsThem() throws Exception {
    HttpServer api =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/",
        exchange -> {
          boolean packs =
              String.valueOf(exchange.getRequestHeaders().getFirst("Accept-Encoding"))
                  .contains("gzip");
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          if (packs) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
          }
          exchange.sendResponseHeaders(packs ? 200 : 406, 0);
          try (exchange;
              OutputStream body = new GZIPOutputStream(exchange.getResponseBody())) {
            body.write(LIST.getBytes(StandardCharsets.UTF_8));
          }
        });
    api.start();
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("http://127.0.0.1:" + api.getAddress().getPort())
            .withRequestRetryBackoffLimit(0)
            .build();
    try (KubernetesClient client = Main.client(config)) {
      assertThat(client.secrets().inNamespace("shop").list().getItems())
          .singleElement()
          .satisfies(secret -> assertThat(secret.getMetadata().getName()).isEqualTo("packed"));
    } finally {
      api.stop(0);
    }
  }
}
