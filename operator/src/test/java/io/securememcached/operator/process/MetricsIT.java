package io.securememcached.operator.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.docs.MetricsPage;
import io.securememcached.operator.docs.Tables;
import io.securememcached.operator.leader.Leadership;
import io.securememcached.operator.monitoring.Monitoring;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What Prometheus reads of an operator on a real API server. */
@WithApiServer
class MetricsIT {

  /** A standby, until the test lets it lead. */
  private record Waiting(CompletableFuture<Void> leading) implements Leadership {
    @Override
    public void release() {}
  }

  @Test
  void leaderAndStandbyCanBeToldApart(ApiServer server) throws IOException {
    CompletableFuture<Void> leading = new CompletableFuture<>();
    Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
    environment.put("WATCH_NAMESPACES", server.newNamespace());
    try (KubernetesClient client = ApiClient.of(server.accountConfig());
        OperatorProcess process =
            new OperatorProcess(
                OperatorConfig.from(environment),
                client,
                new Waiting(leading),
                Clock.systemUTC(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
      CompletableFuture<Void> started = process.start();
      assertThat(scrape(process)).contains("\nsecurememcached_leader 0.0\n");
      leading.complete(null);
      started.join();
      assertThat(scrape(process)).contains("\nsecurememcached_leader 1.0\n");
    }
  }

  @Test
  void conditionsAreThoseOfTheResourcesThatExist(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{replicas: 0}");
      String labels = "{name=\"cache\",namespace=\"%s\",".formatted(scene.namespace);
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.operator().get("metrics"))
                      .contains(
                          "securememcached_condition"
                              + labels
                              + "reason=\"NoServersRequested\",status=\"True\",type=\"Ready\"}"
                              + " 1.0"));
      assertThat(scene.operator().get("metrics")).contains("securememcached_logins" + labels);

      scene.resource("cache").delete();
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.operator().get("metrics"))
                      .doesNotContain("securememcached_condition{", "securememcached_logins{"));
    }
  }

  @Test
  void pageHasEachMetricOfTheOperator(ApiServer server) throws IOException {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{replicas: 0}");
      // Failures have a metric once there was one.
      scene
          .operator()
          .beforeWrite(
              write -> {
                if (write.contains("/refused")) {
                  throw new KubernetesClientException("refused by the test");
                }
              });
      scene.create("refused", "{replicas: 0}");
      Scene.soon()
          .until(() -> scene.operator().get("metrics").contains("reconciliations_failed_total{"));
      MetricsPage.assertDocuments(
          "Metrics of the operator",
          scene.operator().get("metrics"),
          // Of servers, and of failures of watches: other tests have them.
          Set.of(
              "securememcached_check",
              "securememcached_proof_age_seconds",
              "securememcached_pending_updates",
              "securememcached_pending_security_updates",
              "securememcached_watch_failing"),
          "operator_sdk_");
    }
  }

  @Test
  void alertsAndDashboardReadMetricsOfThePage() throws IOException {
    assertThat(Monitoring.namesIn(Monitoring.expressions()))
        .filteredOn(name -> name.startsWith("operator_sdk_"))
        .isNotEmpty()
        .extracting(name -> name.replaceFirst("_(count|sum|max)$", ""))
        .isSubsetOf(Tables.firstColumn("docs/metrics.md").toList());
  }

  private static String scrape(OperatorProcess process) throws IOException {
    try (InputStream body =
        URI.create("http://127.0.0.1:" + process.metricsPort() + "/metrics").toURL().openStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
