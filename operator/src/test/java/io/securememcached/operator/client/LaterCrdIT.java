package io.securememcached.operator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A CRD two versions ahead: new fields with defaults, a new value, more in the status. */
@WithApiServer
class LaterCrdIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final String SCHEMA = "/spec/versions/0/schema/openAPIV3Schema/properties";

  private final ApiServer server;
  private final KubernetesClient client;
  private final String namespace;
  private CustomResourceDefinition shipped;

  LaterCrdIT(ApiServer server) {
    this.server = server;
    client = ApiClient.of(server.config());
    namespace = server.newNamespace();
  }

  @BeforeEach
  void upgradeCrd() {
    shipped = crd().get();
    patchCrd(
        """
        [{"op": "add", "path": "%1$s/spec/properties/tls",
          "value": {"type": "object", "default": {}, "properties": {
            "mode": {"type": "string", "default": "Off"}}}},
         {"op": "add", "path": "%1$s/spec/properties/image/properties/digests",
          "value": {"type": "array", "default": ["a"], "items": {"type": "string"}}},
         {"op": "add", "path": "%1$s/spec/properties/image/properties/flavor/enum/-",
          "value": "Later"},
         {"op": "add", "path": "%1$s/status/properties/later",
          "value": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}]
        """
            .formatted(SCHEMA));
    await()
        .atMost(DEADLINE)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              apply("probe", "{replicas: 0, image: {flavor: Later}}");
              assertThat(raw("probe").at("/spec/tls/mode").asText()).isEqualTo("Off");
            });
    resource("probe").delete();
  }

  @AfterEach
  void downgradeCrd() {
    client.resources(SecureMemcached.class).inNamespace(namespace).delete();
    patchCrd(
        "[{\"op\": \"replace\", \"path\": \"/spec/versions\", \"value\": %s}]"
            .formatted(Serialization.asJson(shipped.getSpec().getVersions())));
    client.close();
  }

  @Test
  void operatorStartsAndWorksAndTellsWhatItDoesNotKnow() {
    apply("cache", "{replicas: 0, sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}");
    apply("later", "{replicas: 0, image: {flavor: Later}}");
    resource("cache")
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"status\": {\"later\": {\"a\": [1]}, \"zones\": \"x\"}}");
    try (TestingOperator operator = TestingOperator.start(server, namespace)) {
      awaitReady("cache", "NoServersRequested");
      assertThat(raw("cache").at("/status/zones").asText()).isEqualTo("web");
      assertThat(raw("cache").at("/spec/tls/mode").asText()).as("not touched").isEqualTo("Off");
      assertThat(awaitReady("later", "SpecUnreadable").getMessage())
          .contains("spec.image.flavor: 'Later'");
      assertThat(servers("later")).as("nothing is guessed").isNull();

      String version = servers("cache").getMetadata().getResourceVersion();
      apply(
          "cache",
          "{replicas: 1, image: {flavor: Later}, sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}");
      awaitReady("cache", "SpecUnreadable");
      assertThat(servers("cache").getMetadata().getResourceVersion()).isEqualTo(version);
      assertThat(raw("cache").at("/status/zones").asText()).as("as it was").isEqualTo("web");
      policy().delete();
      await().atMost(DEADLINE).until(() -> Objects.nonNull(policy().get()));

      apply("cache", "{replicas: 0}");
      awaitReady("cache", "NoServersRequested");
      assertThat(operator.get("livez")).isEqualTo("ok\n");
    }
  }

  private Condition awaitReady(String name, String reason) {
    return await()
        .atMost(DEADLINE)
        .until(
            () -> Conditions.find(resource(name).get().getStatus().conditions(), Conditions.READY),
            found -> found.filter(ready -> ready.getReason().equals(reason)).isPresent())
        .orElseThrow();
  }

  private StatefulSet servers(String name) {
    return client.resources(StatefulSet.class).inNamespace(namespace).withName(name).get();
  }

  private Resource<NetworkPolicy> policy() {
    return client.resources(NetworkPolicy.class).inNamespace(namespace).withName("cache-zone-web");
  }

  private Resource<SecureMemcached> resource(String name) {
    return client.resources(SecureMemcached.class).inNamespace(namespace).withName(name);
  }

  private JsonNode raw(String name) {
    return Serialization.unmarshal(
        client.raw(
            "/apis/securememcached.io/v1beta1/namespaces/%s/securememcacheds/%s"
                .formatted(namespace, name)),
        JsonNode.class);
  }

  private void apply(String name, String spec) {
    client
        .genericKubernetesResources("securememcached.io/v1beta1", "SecureMemcached")
        .inNamespace(namespace)
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: securememcached.io/v1beta1
                kind: SecureMemcached
                metadata: {name: %s, namespace: %s}
                spec: %s
                """
                    .formatted(name, namespace, spec),
                GenericKubernetesResource.class))
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("test")
                .withForce(true)
                .build());
  }

  private Resource<CustomResourceDefinition> crd() {
    return server
        .client()
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName("securememcacheds.securememcached.io");
  }

  private void patchCrd(String patch) {
    crd().patch(PatchContext.of(PatchType.JSON), patch);
  }
}
