package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.ImpatientClient;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
    definition = server.serve(definition("HTTPRoute", "v1"));
  }

  /** Until it is gone: an operator of another test would watch what ends. */
  @AfterAll
  void serveNoRoutes() {
    unserve(definition);
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
            () ->
                assertThat(exposed())
                    .startsWith("False Exposed HTTPRoute web: routes the clients"));
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
    return route(scene, "HTTPRoute", "v1", spec);
  }

  private static Map<String, Object> spec(String service) {
    return Map.of(
        "rules", List.of(Map.of("backendRefs", List.of(Map.of("name", service, "port", 11211)))));
  }

  /** As the standard channel of today's Gateway API has it: v1 and nothing before it. */
  @Test
  void tcpRouteIsFoundInWhateverVersionIsServed() {
    CustomResourceDefinition tcp = api.serve(definition("TCPRoute", "v1"));
    try (Scene later = operated()) {
      later.client.resource(route(later, "TCPRoute", "v1", spec("cache"))).create();
      awaitExposed(later, "False Exposed TCPRoute web: routes the clients");
    } finally {
      unserve(tcp);
    }
  }

  /** The Gateway API is upgraded under an operator that runs. */
  @Test
  void versionThatIsSwitchedOffIsLookedForAgain() {
    CustomResourceDefinition tls = api.serve(definition("TLSRoute", "v1alpha2"));
    try (Scene later = operated()) {
      later.client.resource(route(later, "TLSRoute", "v1alpha2", spec("cache"))).create();
      awaitExposed(later, "False Exposed TLSRoute web: routes the clients");
      List<CustomResourceDefinitionVersion> v1WithoutV1alpha2 =
          definition("TLSRoute", "v1", "v1alpha2").getSpec().getVersions();
      v1WithoutV1alpha2.getLast().setServed(false);
      api.client()
          .resource(tls)
          .patch(
              PatchContext.of(PatchType.JSON),
              Serialization.asJson(
                  List.of(
                      Map.of(
                          "op", "replace", "path", "/spec/versions", "value", v1WithoutV1alpha2))));
      Scene.soon()
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(api.client().getApiResources(GROUP + "/v1").getResources())
                      .anyMatch(resource -> resource.getKind().equals("TLSRoute")));
      later.client.resource(route(later, "TLSRoute", "v1", spec("cache"))).delete();
      later.operator().passTime(Duration.ofMinutes(5));
      awaitExposed(later, "True NotExposed");
      later.client.resource(route(later, "TLSRoute", "v1", spec("cache"))).create();
      awaitExposed(later, "False Exposed TLSRoute web: routes the clients");
    } finally {
      unserve(tls);
    }
  }

  /** Its objects can't be read at all: the API server can't bring them to the wanted version. */
  @Test
  void kindThatCantBeReadIsNamedAndStopsNothing() {
    CustomResourceDefinition definition = definition("GRPCRoute", "v1", "v1beta1");
    definition.getSpec().getVersions().getFirst().setStorage(false);
    definition.getSpec().getVersions().getLast().setStorage(true);
    CustomResourceDefinition grpc = api.serve(definition);
    try (Scene sick = operated()) {
      sick.client.resource(route(sick, "GRPCRoute", "v1beta1", spec("elsewhere"))).create();
      sick.idle();
      api.client()
          .resource(grpc)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              """
              {"spec": {"conversion": {"strategy": "Webhook", "webhook": {
                "conversionReviewVersions": ["v1"],
                "clientConfig": {"url": "https://127.0.0.1:1/convert"}}}}}
              """);
      try (KubernetesClient client = ImpatientClient.of(api.config())) {
        Scene.soon()
            .untilAsserted(
                () ->
                    assertThatThrownBy(
                            () ->
                                client
                                    .genericKubernetesResources(GROUP + "/v1", "GRPCRoute")
                                    .inNamespace(sick.namespace)
                                    .list())
                        .hasMessageContaining("127.0.0.1:1"));
      }
      sick.stopOperator();
      sick.startOperator();
      sick.create("second", "{replicas: 0}");
      sick.condition("second", Conditions.READY, "NoServersRequested");
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(sick.conditionText("second", Conditions.NOT_EXPOSED))
                      .startsWith("Unknown AuditIncomplete")
                      .contains("GRPCRoute: ", "127.0.0.1:1"));
      assertThat(sick.operator().get("metrics"))
          .contains("securememcached_watch_failing{kind=\"GRPCRoute\"");
      sick.client.resource(route(sick, "HTTPRoute", "v1", spec("cache"))).create();
      awaitExposed(sick, "False Exposed HTTPRoute web: routes the clients");
      sick.client.resource(route(sick, "HTTPRoute", "v1", spec("cache"))).delete();

      unserve(grpc);
      sick.operator().passTime(Duration.ofMinutes(5));
      awaitExposed(sick, "True NotExposed");
      assertThat(sick.operator().get("metrics")).doesNotContain("watch_failing");
    } finally {
      unserve(grpc);
    }
  }

  private Scene operated() {
    Scene operated = Scene.operated(api);
    operated.createAndSettle("cache", "{replicas: 0}");
    return operated;
  }

  private static void awaitExposed(Scene scene, String start) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.conditionText("cache", Conditions.NOT_EXPOSED)).startsWith(start));
  }

  private void unserve(CustomResourceDefinition definition) {
    api.client().resource(definition).delete();
    api.client()
        .resource(definition)
        .waitUntilCondition(Objects::isNull, Scene.DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  private static GenericKubernetesResource route(
      Scene scene, String kind, String version, Map<String, Object> spec) {
    return new GenericKubernetesResourceBuilder()
        .withApiVersion(GROUP + "/" + version)
        .withKind(kind)
        .withNewMetadata()
        .withNamespace(scene.namespace)
        .withName("web")
        .endMetadata()
        .addToAdditionalProperties("spec", spec)
        .build();
  }

  /**
   * The name of the real one; what a route holds is not checked.
   *
   * @param versions all served, the first one stored
   */
  private static CustomResourceDefinition definition(String kind, String... versions) {
    String singular = kind.toLowerCase(Locale.ROOT);
    return new CustomResourceDefinitionBuilder()
        .withNewMetadata()
        .withName(singular + "s." + GROUP)
        // The API server wants to be told that a group of Kubernetes' own may be used.
        .addToAnnotations("api-approved.kubernetes.io", "unapproved, for a test")
        .endMetadata()
        .withNewSpec()
        .withGroup(GROUP)
        .withScope("Namespaced")
        .withNewNames()
        .withKind(kind)
        .withListKind(kind + "List")
        .withPlural(singular + "s")
        .withSingular(singular)
        .endNames()
        .withVersions(
            Stream.of(versions)
                .map(
                    version ->
                        new CustomResourceDefinitionVersionBuilder()
                            .withName(version)
                            .withServed(true)
                            .withStorage(version.equals(versions[0]))
                            .withNewSchema()
                            .withNewOpenAPIV3Schema()
                            .withType("object")
                            .withXKubernetesPreserveUnknownFields(true)
                            .endOpenAPIV3Schema()
                            .endSchema()
                            .build())
                .toList())
        .endSpec()
        .build();
  }
}
