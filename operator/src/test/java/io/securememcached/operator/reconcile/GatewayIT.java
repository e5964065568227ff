package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Routes of the Gateway API, on an API server that serves one of its kinds. */
@WithApiServer
@TestInstance(Lifecycle.PER_CLASS)
class GatewayIT {

  private static final String GROUP = "gateway.networking.k8s.io";

  private ApiServer api;
  private CustomResourceDefinition definition;
  private Scene scene;

  /** Its operator was there before the routes' kind. */
  private Scene early;

  @BeforeAll
  void serveRoutes(ApiServer server) {
    api = server;
    start();
    early = scene;
    definition = server.serve(httpRoutes());
  }

  /** Until it is gone: an operator of another test would watch what ends. */
  @AfterAll
  void serveNoRoutes() {
    api.client().resource(definition).delete();
    api.client()
        .resource(definition)
        .waitUntilCondition(Objects::isNull, Scene.DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  @BeforeEach
  void start() {
    scene = Scene.operated(api);
    scene.createAndSettle("cache", "{replicas: 0}");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void kindThatCameLaterIsFoundInTime() {
    scene.close();
    scene = early;
    scene.client.resource(route(spec("cache"))).create();
    scene.change("cache", "{replicas: 0, maxConnections: 100}");
    assertThat(exposed()).startsWith("True NotExposed");
    scene.operator().passTime(Duration.ofMinutes(5));
    scene.change("cache", "{replicas: 0, maxConnections: 101}");
    Scene.soon()
        .untilAsserted(() -> assertThat(exposed()).startsWith("False Exposed HTTPRoute web"));
  }

  @Test
  void routeToTheServersIsFoundAndItsEndToo() {
    GenericKubernetesResource route = scene.client.resource(route(spec("cache"))).create();
    Scene.soon()
        .untilAsserted(
            () -> assertThat(exposed()).startsWith("False Exposed HTTPRoute web: leads whoever"));
    scene.client.resource(route).delete();
    Scene.soon().untilAsserted(() -> assertThat(exposed()).startsWith("True NotExposed"));
  }

  @Test
  void routeElsewhereIsNobodysBusiness() {
    scene.client.resource(route(spec("other"))).create();
    scene.idle();
    assertThat(exposed()).startsWith("True NotExposed");
  }

  private String exposed() {
    return scene.conditionText("cache", Conditions.NOT_EXPOSED);
  }

  private GenericKubernetesResource route(Map<String, Object> spec) {
    return new GenericKubernetesResourceBuilder()
        .withApiVersion(GROUP + "/v1")
        .withKind("HTTPRoute")
        .withNewMetadata()
        .withNamespace(scene.namespace)
        .withName("web")
        .endMetadata()
        .addToAdditionalProperties("spec", spec)
        .build();
  }

  private static Map<String, Object> spec(String service) {
    return Map.of(
        "rules", List.of(Map.of("backendRefs", List.of(Map.of("name", service, "port", 11211)))));
  }

  /** The name and version of the real one; what a route holds is not checked. */
  private static CustomResourceDefinition httpRoutes() {
    return new CustomResourceDefinitionBuilder()
        .withNewMetadata()
        .withName("httproutes." + GROUP)
        // The API server wants to be told that a group of Kubernetes' own may be used.
        .addToAnnotations("api-approved.kubernetes.io", "unapproved, for a test")
        .endMetadata()
        .withNewSpec()
        .withGroup(GROUP)
        .withScope("Namespaced")
        .withNewNames()
        .withKind("HTTPRoute")
        .withListKind("HTTPRouteList")
        .withPlural("httproutes")
        .withSingular("httproute")
        .endNames()
        .addNewVersion()
        .withName("v1")
        .withServed(true)
        .withStorage(true)
        .withNewSchema()
        .withNewOpenAPIV3Schema()
        .withType("object")
        .withXKubernetesPreserveUnknownFields(true)
        .endOpenAPIV3Schema()
        .endSchema()
        .endVersion()
        .endSpec()
        .build();
  }
}
