package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.leader.AlwaysLeading;
import io.securememcached.operator.process.OperatorProcess;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A watched namespace that gives the operator no rights, as one that is not there yet. */
@WithApiServer
class SickNamespaceIT {

  private static final String ACCOUNT = "system:serviceaccount:securememcached:operator";
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final ApiServer server;

  SickNamespaceIT(ApiServer server) {
    this.server = server;
  }

  @Test
  void othersGoOnAndItIsTakenInLater() throws Exception {
    String good = server.newNamespace();
    String sick = server.newNamespace();
    allow(good);
    server.applyWithoutServers(good, "before");
    server.applyWithoutServers(sick, "waiting");
    Config config = server.config();
    config.setImpersonateUsername(ACCOUNT);
    Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
    environment.put("WATCH_NAMESPACES", good + "," + sick);
    try (KubernetesClient client = ApiClient.of(config);
        OperatorProcess process =
            new OperatorProcess(
                OperatorConfig.from(environment),
                client,
                new AlwaysLeading(),
                Clock.systemUTC(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
      process.start().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      awaitServers(good, "before");
      server.applyWithoutServers(good, "later");
      awaitServers(good, "later");
      assertThat(get(process, "livez")).isEqualTo("ok\n");
      await()
          .atMost(DEADLINE)
          .untilAsserted(
              () ->
                  assertThat(get(process, "readyz"))
                      .startsWith("ok\n")
                      .contains("Service of namespace " + sick + " can't be listed or watched")
                      .contains(
                          "own SecureMemcached of namespace "
                              + sick
                              + " can't be listed or watched")
                      .contains(
                          "own NetworkPolicy of namespace " + sick + " can't be listed or watched")
                      .doesNotContain(good));

      allow(sick);
      awaitServers(sick, "waiting");
      await()
          .atMost(DEADLINE)
          .untilAsserted(() -> assertThat(get(process, "readyz")).isEqualTo("ok\n"));
    }
  }

  private void awaitServers(String namespace, String name) {
    await()
        .atMost(DEADLINE)
        .untilAsserted(
            () ->
                assertThat(
                        server
                            .client()
                            .resources(StatefulSet.class)
                            .inNamespace(namespace)
                            .withName(name)
                            .get())
                    .isNotNull());
  }

  private static String get(OperatorProcess process, String path)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + process.healthPort() + "/" + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private void allow(String namespace) {
    server
        .client()
        .resource(
            new RoleBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("operator")
                .endMetadata()
                .addNewRule()
                .withApiGroups("*")
                .withResources("*")
                .withVerbs("*")
                .endRule()
                .build())
        .create();
    server
        .client()
        .resource(
            new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("operator")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", "operator")
                .addNewSubject("rbac.authorization.k8s.io", "User", ACCOUNT, null)
                .build())
        .create();
  }
}
