package io.securememcached.operator.process;

import static io.securememcached.operator.exporter.TestingCaller.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.exporter.TestingCluster;
import io.securememcached.operator.leader.Leadership;
import io.securememcached.operator.leader.WritePermit;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The operator's own metrics, on a standby: it may not write. */
@WithApiServer
class ProtectedMetricsIT {

  @Test
  void standbyAnswersCallersWithTheRight(ApiServer server) throws Exception {
    String namespace = server.newNamespace();
    String prometheus = new TestingCluster(server).prometheus(namespace);
    String nobody = new TestingCluster(server).nobody(namespace);
    Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
    environment.put("WATCH_NAMESPACES", namespace);
    environment.put("METRICS_AUTHENTICATION", "true");
    try (KubernetesClient guarded = ApiClient.of(server.config(), WritePermit.ofProcess());
        OperatorProcess standby =
            new OperatorProcess(
                OperatorConfig.from(environment),
                guarded,
                new NeverLeading(),
                Clock.systemUTC(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
      standby.start();
      int port = standby.metricsPort();
      assertThat(get("https", port, "/metrics", prometheus).body()).contains("# TYPE ");
      assertThat(get("https", port, "/metrics", nobody).statusCode()).isEqualTo(403);
      assertThat(get("https", port, "/metrics", "").statusCode()).isEqualTo(401);

      // Its other client would not have sent the review.
      assertThatThrownBy(
              () ->
                  guarded
                      .tokenReviews()
                      .create(
                          new TokenReviewBuilder()
                              .withNewSpec()
                              .withToken("any")
                              .endSpec()
                              .build()))
          .isInstanceOf(KubernetesClientException.class)
          .hasStackTraceContaining("was not sent");
    }
  }

  private static final class NeverLeading implements Leadership {
    @Override
    public CompletableFuture<Void> leading() {
      return new CompletableFuture<>();
    }

    @Override
    public void release() {}
  }
}
