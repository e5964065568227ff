package io.securememcached.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.process.OperatorProcess;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two operators of two namespaces watch one namespace, on a real API server. */
@WithApiServer
class OtherOperatorIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ApiServer server;
  private final KubernetesClient admin;
  private final String watched;
  private final String first;
  private final String second;

  OtherOperatorIT(ApiServer server) {
    this.server = server;
    admin = server.client();
    watched = server.newNamespace();
    first = server.newNamespace();
    second = server.newNamespace();
  }

  @Test
  void secondOneLeavesTheResourceAloneAndSaysSo() {
    try (Installed one = new Installed(first)) {
      one.process.start().join();
      createResource();
      await().atMost(PATIENCE).until(() -> operatorOf().equals(first));
      try (Installed two = new Installed(second)) {
        two.process.start().join();
        await().atMost(PATIENCE).until(() -> !warnings().isEmpty());
        assertThat(warnings().getFirst().getMessage())
            .contains("the operator in namespace " + first, second, "watchNamespaces");
        String version = policy().get().getMetadata().getResourceVersion();
        policy().delete();
        await().atMost(PATIENCE).until(() -> policy().get() != null);
        assertThat(policy().get().getMetadata().getResourceVersion()).isNotEqualTo(version);
        assertThat(peer()).isEqualTo(first);
        assertThat(operatorOf()).isEqualTo(first);
        assertThat(warnings()).hasSize(1);
      }
    }
  }

  /** It looks again every 30 s, and waits for 30 s without a renewal. */
  @Test
  void resourceIsTakenOverFromAnOperatorThatIsGone() {
    try (Installed one = new Installed(first)) {
      one.process.start().join();
      createResource();
      await().atMost(PATIENCE).until(() -> operatorOf().equals(first));
    }
    try (Installed two = new Installed(second)) {
      two.process.start().join();
      await().atMost(PATIENCE).until(() -> operatorOf().equals(second));
      await().atMost(PATIENCE).until(() -> peer().equals(second));
    }
  }

  private Resource<NetworkPolicy> policy() {
    return admin
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(watched)
        .withName("sessions-operator");
  }

  /** Namespace of the pods that the servers let in. */
  private String peer() {
    return policy()
        .get()
        .getSpec()
        .getIngress()
        .getFirst()
        .getFrom()
        .getFirst()
        .getNamespaceSelector()
        .getMatchLabels()
        .get("kubernetes.io/metadata.name");
  }

  private String operatorOf() {
    return admin
        .resources(SecureMemcached.class)
        .inNamespace(watched)
        .withName("sessions")
        .get()
        .getStatus()
        .operatorNamespace();
  }

  private List<Event> warnings() {
    return admin.v1().events().inNamespace(watched).list().getItems().stream()
        .filter(event -> event.getReason().equals("ManagedByOtherOperator"))
        .toList();
  }

  private void createResource() {
    SecureMemcached resource =
        admin
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: securememcached.io/v1beta1
                kind: SecureMemcached
                metadata: {name: sessions}
                """,
                SecureMemcached.class);
    admin.resource(resource).inNamespace(watched).create();
  }

  /** An operator in this JVM, installed in a namespace. */
  private final class Installed implements AutoCloseable {

    private final KubernetesClient client;
    private final KubernetesClient leaseClient = ApiClient.forLease(server.config());
    private final OperatorProcess process;

    Installed(String namespace) {
      WritePermit permit = new WritePermit(System::nanoTime, () -> {});
      client = ApiClient.of(server.config(), permit);
      Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
      environment.put("OPERATOR_NAMESPACE", namespace);
      environment.put("WATCH_NAMESPACES", watched);
      environment.put("LEADER_ELECTION", "true");
      process =
          new OperatorProcess(
              OperatorConfig.from(environment),
              client,
              new Lease(leaseClient, namespace, "pod", permit, Clock.systemUTC()),
              Clock.systemUTC(),
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    @Override
    public void close() {
      process.close();
      client.close();
      leaseClient.close();
    }
  }
}
