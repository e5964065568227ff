package io.securememcached.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.OperatorException;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who acts of several instances, on a real API server. */
@WithApiServer
class LeaseIT {

  private static final int SECONDS = 30;

  private final ApiServer server;
  private final KubernetesClient admin;
  private final String namespace;

  LeaseIT(ApiServer server) {
    this.server = server;
    admin = server.client();
    namespace = server.newNamespace();
  }

  @Test
  void nextInstanceActsOnceTheFirstHasStopped() throws Exception {
    try (KubernetesClient client = ApiClient.of(server.config());
        Handover handover = new Handover(process(client, "first"))) {
      handover.first.start().get(SECONDS, TimeUnit.SECONDS);
      handover.second = process(client, "second");
      CompletableFuture<Void> next = handover.second.start();
      createResource("sessions");
      awaitChildrenOf("sessions");
      assertThat(next).isNotDone();
      assertThat(holder()).isEqualTo("first");
      handover.stopFirst();
      next.get(SECONDS, TimeUnit.SECONDS);
      assertThat(holder()).isEqualTo("second");
      createResource("carts");
      awaitChildrenOf("carts");
    }
    assertThat(holder()).as("after the last one has stopped").isEmpty();
  }

  @Test
  void nothingIsWrittenWhileAnotherOneLeads() throws Exception {
    holdFor("somebody");
    createResource("sessions");
    try (KubernetesClient client = ApiClient.of(server.config());
        OperatorProcess process = process(client, "second")) {
      CompletableFuture<Void> leading = process.start();
      createResource("carts");
      admin.resources(SecureMemcached.class).inNamespace(namespace).withName("carts").delete();
      createResource("carts");
      assertThat(admin.apps().statefulSets().inNamespace(namespace).list().getItems()).isEmpty();
      assertThat(leading).isNotDone();
      lease().delete();
      leading.get(SECONDS, TimeUnit.SECONDS);
      awaitChildrenOf("sessions");
      awaitChildrenOf("carts");
    }
  }

  @Test
  void missingRightIsNamed() {
    Config config = server.config();
    config.setImpersonateUsername("somebody-without-rights");
    try (KubernetesClient stranger = ApiClient.of(config)) {
      Lease lease = new Lease(stranger, namespace, "first");
      assertThatThrownBy(() -> lease.leading().get(SECONDS, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OperatorException.class)
          .hasMessageEndingWith(
              "no right to get the Lease securememcached-operator in namespace " + namespace);
      lease.release();
    }
  }

  private OperatorProcess process(KubernetesClient client, String name) {
    Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
    environment.putAll(
        Map.of(
            "LEADER_ELECTION",
            "true",
            "POD_NAME",
            name,
            "OPERATOR_NAMESPACE",
            namespace,
            "WATCH_NAMESPACES",
            namespace));
    return new OperatorProcess(OperatorConfig.from(environment), client, Clock.systemUTC());
  }

  private void createResource(String name) {
    SecureMemcached resource =
        admin
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: securememcached.io/v1beta1
                kind: SecureMemcached
                metadata: {name: %s}
                """
                    .formatted(name),
                SecureMemcached.class);
    admin.resource(resource).inNamespace(namespace).create();
  }

  private void awaitChildrenOf(String name) {
    await()
        .atMost(Duration.ofSeconds(SECONDS))
        .untilAsserted(
            () ->
                assertThat(admin.apps().statefulSets().inNamespace(namespace).withName(name).get())
                    .isNotNull());
  }

  private void holdFor(String holder) {
    ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
    admin
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withName(Lease.NAME)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withLeaseDurationSeconds(3600)
                .withAcquireTime(now)
                .withRenewTime(now)
                .withLeaseTransitions(0)
                .endSpec()
                .build())
        .inNamespace(namespace)
        .create();
  }

  private String holder() {
    return lease().get().getSpec().getHolderIdentity();
  }

  private Resource<io.fabric8.kubernetes.api.model.coordination.v1.Lease> lease() {
    return admin.leases().inNamespace(namespace).withName(Lease.NAME);
  }

  /** Two instances; one asks for the lease as soon as it is there. */
  private static final class Handover implements AutoCloseable {

    private final OperatorProcess first;
    private OperatorProcess second;
    private boolean stopped;

    Handover(OperatorProcess first) {
      this.first = first;
    }

    void stopFirst() {
      stopped = true;
      first.close();
    }

    @Override
    public void close() {
      if (!stopped) {
        first.close();
      }
      if (second != null) {
        second.close();
      }
    }
  }
}
