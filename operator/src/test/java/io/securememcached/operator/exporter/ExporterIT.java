package io.securememcached.operator.exporter;

import static io.securememcached.operator.exporter.TestingCaller.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.config.ExporterConfig;
import io.securememcached.operator.docs.MetricsPage;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.monitoring.ExporterKey;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.CapturedLog;
import io.securememcached.operator.testing.WithApiServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An exporter with its own account, on a real API server, before a real memcached. */
@WithApiServer
class ExporterIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  private final ApiServer server;
  private final TestingCluster cluster;
  private final String system;
  private final String shop;
  private final String bank;
  private final ExporterKeys keys = ExporterKeys.first(ExporterKey.generate(1), Instant.now());

  ExporterIT(ApiServer server) {
    this.server = server;
    cluster = new TestingCluster(server);
    system = server.newNamespace();
    shop = server.newNamespace();
    bank = server.newNamespace();
  }

  @Test
  void answersCallersWithTheRightAndLeaksNothing() throws Exception {
    SecureMemcached cart = cluster.cache(shop, "cart", "{replicas: 1}");
    Login login = login(cart);
    try (CapturedLog log = new CapturedLog();
        RealMemcached memcached = start(login)) {
      cluster.pod(shop, "cart-0", "cart", "cart", memcached.address().getPort());
      cluster.cache(bank, "vault", "{replicas: 0}");
      cluster.key(system, keys);
      String prometheus = cluster.prometheus(system);
      String tenant = cluster.tenant(shop);
      String nobody = cluster.nobody(bank);
      StringBuilder said = new StringBuilder();
      // Other tests leave servers in other namespaces.
      try (Running exporter = start(Map.of("WATCH_NAMESPACES", shop + "," + bank))) {
        int port = exporter.process.metricsPort();
        HttpResponse<String> all = get("https", port, "/metrics", prometheus);
        assertThat(all.statusCode()).as(all.body()).isEqualTo(200);
        String labels = "{namespace=\"%s\",name=\"cart\",pod=\"cart-0\"}".formatted(shop);
        assertThat(all.body())
            .contains("memcached_up" + labels + " 1\n")
            .contains("memcached_limit_bytes" + labels + " 67108864\n")
            .contains("memcached_max_connections" + labels + " 1024\n")
            .contains("securememcached_exporter_scrapes_seconds_count 1\n");
        said.append(all.body());
        MetricsPage.assertDocuments(
            "Metrics of the exporter",
            all.body(),
            Set.of(),
            "memcached_",
            "jvm_buffer_",
            "jvm_memory_",
            "process_cpu_",
            "system_");

        assertStatus(said, port, "/metrics", "", 401);
        assertStatus(said, port, "/metrics", "invalid", 401);
        assertStatus(said, port, "/metrics", nobody, 403);
        assertStatus(said, port, "/metrics", tenant, 403);
        assertStatus(said, port, "/metrics/namespaces/" + bank, tenant, 403);
        assertStatus(said, port, "/metrics/namespaces/" + bank + "/vault", tenant, 403);
        assertStatus(said, port, "/metrics/namespaces/" + bank + "/vault", nobody, 403);
        assertStatus(
            said, port, "/metrics/namespaces/" + shop + "/cart?target=127.0.0.1:1", "", 401);
        assertStatus(said, port, "/metrics/namespaces/" + bank + "/vault", prometheus, 200);
        assertStatus(said, port, "/metrics/namespaces/" + shop + "/none", tenant, 404);
        assertStatus(said, port, "/metrics/namespaces/none", prometheus, 404);
        for (String path :
            List.of("/metrics/namespaces/" + shop, "/metrics/namespaces/" + shop + "/cart")) {
          HttpResponse<String> own = get("https", port, path, tenant);
          assertThat(own.statusCode()).isEqualTo(200);
          assertThat(own.body())
              .contains("memcached_up" + labels + " 1\n")
              .doesNotContain("securememcached_exporter_");
          said.append(own.body());
        }
      }
      said.append(log.text());
      assertThat(said.toString())
          .doesNotContain(login.password(), keys.current().secret())
          .doesNotContain(prometheus, tenant, nobody);
    }
  }

  /** Counter-example of the test above. */
  @Test
  void withoutAuthenticationEveryoneIsAnswered() throws Exception {
    cluster.cache(shop, "cart", "{replicas: 1}");
    try (Running exporter = start(Map.of("METRICS_AUTHENTICATION", "false"))) {
      assertThat(get("http", exporter.process.metricsPort(), "/metrics", "").body())
          .contains(
              "memcached_up{namespace=\"%s\",name=\"cart\",pod=\"cart-0\"} 0".formatted(shop));
    }
  }

  @Test
  void asksOnlyServersOfResources() throws Exception {
    cluster.cache(shop, "cart", "{replicas: 2}");
    cluster.cache(shop, "inner", "{replicas: 1, listen: Loopback}");
    cluster.key(system, keys);
    try (TestingMemcached impostor =
        TestingMemcached.behaving((self, in, out) -> TestingMemcached.hang(in))) {
      int port = impostor.address().getPort();
      cluster.pod(shop, "cart-0", "cart", "other", port);
      cluster.pod(shop, "cart-01", "cart", "cart", port);
      cluster.pod(shop, "stray-0", "stray", "stray", port);
      cluster.pod(shop, "inner-0", "inner", "inner", port);
      cluster.pod(bank, "cart-1", "cart", "cart", port);
      try (Running exporter =
          start(Map.of("METRICS_AUTHENTICATION", "false", "WATCH_NAMESPACES", shop))) {
        String metrics = get("http", exporter.process.metricsPort(), "/metrics", "").body();
        for (String pod : List.of("cart-0", "cart-1")) {
          assertThat(metrics)
              .contains(
                  "memcached_unavailable{namespace=\"%s\",name=\"cart\",pod=\"%s\",reason=\"no_address\"} 1"
                      .formatted(shop, pod));
        }
        assertThat(metrics)
            .contains("pod=\"inner-0\",reason=\"loopback\"} 1")
            .doesNotContain("cart-01", "stray", bank);
        assertThat(
                get("http", exporter.process.metricsPort(), "/metrics/namespaces/" + bank, "")
                    .statusCode())
            .isEqualTo(404);
      }
      assertThat(impostor.connections()).isZero();

      // Counter-example: a pod that fits is asked.
      cluster.pod(shop, "cart-1", "cart", "cart", port);
      try (Running exporter = start(Map.of("METRICS_AUTHENTICATION", "false"))) {
        assertThat(get("http", exporter.process.metricsPort(), "/metrics", "").body())
            .contains("pod=\"cart-1\",reason=\"timeout\"} 1");
      }
      assertThat(impostor.connections()).isEqualTo(1);
    }
  }

  /** Each as it runs: cart-0 and inner-0 have not restarted since spec.listen changed. */
  @Test
  void asksServersUnlessTheyListenOnLoopback() throws Exception {
    cluster.cache(shop, "cart", "{replicas: 2}");
    cluster.cache(shop, "inner", "{replicas: 2, listen: Loopback}");
    cluster.key(system, keys);
    try (TestingMemcached hanging =
        TestingMemcached.behaving((self, in, out) -> TestingMemcached.hang(in))) {
      int port = hanging.address().getPort();
      Map.of(
              "cart-0", "127.0.0.1",
              "cart-1", "$(POD_IP),127.0.0.1",
              "inner-0", "$(POD_IP),127.0.0.1",
              "inner-1", "127.0.0.1")
          .forEach(
              (pod, addresses) -> {
                String cache = pod.split("-")[0];
                cluster.pod(shop, pod, cache, cache, "127.0.0.1", port, List.of("-l", addresses));
              });
      try (Running exporter =
          start(Map.of("METRICS_AUTHENTICATION", "false", "WATCH_NAMESPACES", shop))) {
        assertThat(get("http", exporter.process.metricsPort(), "/metrics", "").body())
            .contains(
                "pod=\"cart-0\",reason=\"loopback\"} 1",
                "pod=\"cart-1\",reason=\"timeout\"} 1",
                "pod=\"inner-0\",reason=\"timeout\"} 1",
                "pod=\"inner-1\",reason=\"loopback\"} 1");
      }
      assertThat(hanging.connections()).isEqualTo(2);
    }
  }

  @Test
  void waitsForTheKeyAndFollowsPods() throws Exception {
    SecureMemcached cart = cluster.cache(shop, "cart", "{replicas: 1}");
    try (CapturedLog log = new CapturedLog();
        RealMemcached memcached = start(login(cart))) {
      cluster.pod(shop, "cart-0", "cart", "cart", memcached.address().getPort());
      try (Running exporter = start(Map.of("METRICS_AUTHENTICATION", "false"))) {
        int port = exporter.process.metricsPort();
        assertThat(get("http", port, "/metrics", "").body())
            .contains("pod=\"cart-0\",reason=\"no_login\"} 1");
        assertThat(log.text())
            .containsOnlyOnce("Has no valid key")
            .contains("it does not exist; the operator creates it");

        // Planted: the operator gives no server a login from it.
        cluster.key(system, keys, Map.of());
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    get("http", port, "/metrics", "")
                            .body()
                            .contains("pod=\"cart-0\",reason=\"no_login\"} 1")
                        && log.text().contains("it has no label of the operator"));
        server.client().secrets().inNamespace(system).withName(ExporterKeys.NAME).delete();

        cluster.key(system, keys);
        awaitMetric(
            port, "memcached_up{namespace=\"%s\",name=\"cart\",pod=\"cart-0\"} 1".formatted(shop));

        server.client().pods().inNamespace(shop).withName("cart-0").withGracePeriod(0).delete();
        awaitMetric(port, "pod=\"cart-0\",reason=\"no_address\"} 1");
        server
            .client()
            .resources(SecureMemcached.class)
            .inNamespace(shop)
            .withName("cart")
            .delete();
        await()
            .atMost(PATIENCE)
            .until(() -> get("http", port, "/metrics/namespaces/" + shop, "").statusCode() == 404);
      }
    }
  }

  private static void awaitMetric(int port, String text) {
    await().atMost(PATIENCE).until(() -> get("http", port, "/metrics", "").body().contains(text));
  }

  private static void assertStatus(
      StringBuilder said, int port, String path, String token, int status) throws Exception {
    HttpResponse<String> response = get("https", port, path, token);
    assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(status);
    said.append(response.body()).append(response.headers().map());
  }

  private Login login(SecureMemcached cache) {
    return keys.logins(
            cache.getMetadata().getNamespace(),
            cache.getMetadata().getName(),
            cache.getMetadata().getUid())
        .getFirst();
  }

  private RealMemcached start(Login login) throws Exception {
    return ServersWithLogin.start(directory, login);
  }

  private Running start(Map<String, String> settings) {
    Map<String, String> environment =
        new HashMap<>(
            Map.of("OPERATOR_NAMESPACE", system, "METRICS_PORT", "0", "HEALTH_PORT", "0"));
    environment.putAll(settings);
    Running exporter = new Running(ExporterConfig.from(environment), exporterAccount());
    await()
        .atMost(PATIENCE)
        .until(() -> get("http", exporter.process.healthPort(), "/readyz", "").statusCode() == 200);
    return exporter;
  }

  private Config account;

  private Config exporterAccount() {
    if (account == null) {
      account = cluster.exporter(system);
    }
    return account;
  }

  private static final class Running implements AutoCloseable {

    private final KubernetesClient client;
    private final ExporterProcess process;

    Running(ExporterConfig config, Config api) {
      client = ApiClient.of(api);
      process = new ExporterProcess(config, client);
      process.start();
    }

    @Override
    public void close() {
      process.close();
      client.close();
    }
  }
}
