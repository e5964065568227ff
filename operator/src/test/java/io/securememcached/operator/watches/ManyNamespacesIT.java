package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.leader.AlwaysLeading;
import io.securememcached.operator.process.OperatorProcess;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All the watches of an operator reach a real API server, however many namespaces it is given. */
@WithApiServer
class ManyNamespacesIT {

  private static final int SECONDS = 60;

  private final ApiServer server;

  ManyNamespacesIT(ApiServer server) {
    this.server = server;
  }

  /** The watches of 30 are several times as many as the streams that one connection can have. */
  @ParameterizedTest
  @ValueSource(ints = {1, 30})
  void changesAreSeenInEachOne(int count) throws Exception {
    List<String> namespaces = Stream.generate(server::newNamespace).limit(count).toList();
    Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
    environment.put("WATCH_NAMESPACES", String.join(",", namespaces));
    OperatorConfig config = OperatorConfig.from(environment);
    Config api = server.config();
    try (KubernetesClient client = ApiClient.of(api);
        OperatorProcess process =
            new OperatorProcess(
                config,
                client,
                new AlwaysLeading(),
                Clock.systemUTC(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
      process.start().get(SECONDS, TimeUnit.SECONDS);
      for (String namespace : namespaces) {
        server.applyWithoutServers(namespace, "sessions");
      }
      await()
          .atMost(Duration.ofSeconds(SECONDS))
          .untilAsserted(() -> assertThat(namespaces).allMatch(this::hasPolicy));
      namespaces.forEach(this::deletePolicy);
      await()
          .atMost(Duration.ofSeconds(SECONDS))
          .untilAsserted(() -> assertThat(namespaces).allMatch(this::hasPolicy));
    }
  }

  private boolean hasPolicy(String namespace) {
    return policy(namespace).get() != null;
  }

  private void deletePolicy(String namespace) {
    policy(namespace).delete();
  }

  private Resource<NetworkPolicy> policy(String namespace) {
    return server
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(namespace)
        .withName("sessions-default-deny");
  }
}
