package io.securememcached.operator.exposure;

import static io.securememcached.operator.exposure.ServiceExposuresTest.service;
import static io.securememcached.operator.exposure.ServiceExposuresTest.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteExposuresTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {defaultBackend: {service: {name: sessions, port: {number: 11211}}}} | sessions
          {rules: [{http: {paths: [{path: /, backend: {service: {name: sessions-nodes}}}]}}]} | sessions-nodes
          {rules: [{host: a}, {http: {paths: [{backend: {service: {name: web}}}, {backend: {service: {name: private}}}]}}]} | private
          {rules: [{http: {paths: [{backend: {service: {name: by-hand}}}]}}]} | by-hand
          {defaultBackend: {service: {name: sessions}}, rules: [{http: {paths: [{backend: {service: {name: private}}}]}}]} | private and sessions
          """)
  void findsIngressesThatLeadToTheServers(String spec, String services) {
    assertThat(scene().with(ingress("name: web", spec)).audit())
        .filteredOn(found -> found.kind() == Kind.INGRESS_ROUTE)
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.object()).isEqualTo("Ingress web");
              assertThat(found.detail())
                  .startsWith("routes the clients of its proxy to Service " + services + ";");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{defaultBackend: {service: {name: web}}}",
        "{defaultBackend: {resource: {kind: Bucket, name: sessions}}}",
        "{rules: [{http: {paths: [{backend: {service: {name: sessions-0}}}]}}]}",
        "{rules: [{http: {paths: [{backend: {service: {name: other}}}]}}]}",
        "{}"
      })
  void ingressesToOtherServicesAreNoFinding(String spec) {
    assertThat(scene().with(ingress("name: web", spec)).audit())
        .extracting(Exposure::kind)
        .doesNotContain(Kind.INGRESS_ROUTE);
  }

  @Test
  void anIngressOfAnotherNamespaceHasOtherServices() {
    assertThat(
            TestingCluster.create()
                .with(
                    ingress(
                        "name: web, namespace: other",
                        "{defaultBackend: {service: {name: sessions}}}"))
                .audit())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TCPRoute", "TLSRoute", "HTTPRoute", "GRPCRoute", "UDPRoute"})
  void findsRoutesOfEveryKind(String kind) {
    assertThat(
            TestingCluster.create()
                .with(route(kind, "name: edge", "{backendRefs: [{name: sessions, port: 11211}]}"))
                .audit())
        .containsExactly(
            new Exposure(
                Kind.GATEWAY_ROUTE,
                kind + " edge",
                "routes the clients of its proxy to Service sessions; remove this backend, and let clients connect directly through a source zone"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{backendRefs: [{name: web}, {group: '', kind: Service, name: private}]}",
        "{backendRefs: [{name: sessions, namespace: golden}]}",
        "{backendRefs: [{name: web}], filters: [{type: RequestMirror, requestMirror: {backendRef: {name: sessions}}}]}",
        "{backendRefs: [{name: web, filters: [{requestMirror: {backendRef: {name: sessions}}}]}]}"
      })
  void findsBackendsWhereverTheyStand(String rule) {
    assertThat(scene().with(route("HTTPRoute", "name: edge", rule)).audit())
        .extracting(Exposure::kind, Exposure::object)
        .contains(tuple(Kind.GATEWAY_ROUTE, "HTTPRoute edge"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{backendRefs: []}",
        "{backendRefs: [{name: web}]}",
        "{backendRefs: [{name: other}]}",
        "{backendRefs: [{name: sessions, namespace: other}]}",
        "{backendRefs: [{name: sessions, group: multicluster.x-k8s.io, kind: ServiceImport}]}",
        "{backendRefs: [{name: sessions, group: example.com, kind: Service}]}",
        "{backendRefs: [{name: sessions, kind: Bucket}]}",
        "{matches: [{name: sessions}]}"
      })
  void routesToOtherBackendsAreNoFinding(String rule) {
    assertThat(scene().with(route("HTTPRoute", "name: edge", rule)).audit())
        .extracting(Exposure::kind)
        .doesNotContain(Kind.GATEWAY_ROUTE);
  }

  @Test
  void aRouteOfAnotherNamespaceMustNameThisOne() {
    String namespace = "name: edge, namespace: infra";

    assertThat(
            TestingCluster.create()
                .with(route("TCPRoute", namespace, "{backendRefs: [{name: sessions}]}"))
                .audit())
        .isEmpty();
    assertThat(
            TestingCluster.create()
                .with(
                    route(
                        "TCPRoute",
                        namespace,
                        "{backendRefs: [{name: sessions, namespace: golden}]}"))
                .audit())
        .extracting(Exposure::object)
        .isEqualTo(List.of("TCPRoute infra/edge"));
  }

  /** Whose resources a route may concern. */
  @Test
  void aRouteNamesNamespaces() {
    GenericKubernetesResource route =
        Serialization.unmarshal(
            """
            {"metadata": {"name": "edge", "namespace": "infra"},
             "spec": {"rules": [{
               "backendRefs": [{"name": "a"}, {"name": "b", "namespace": "golden"}],
               "filters": [{"requestMirror": {"backendRef": {"name": "c", "namespace": "shop"}}}]}]}}""",
            GenericKubernetesResource.class);

    assertThat(RouteExposures.namespaces(route))
        .containsExactlyInAnyOrder("infra", "golden", "shop");
  }

  /**
   * A private Service and one without a selector that lead to the servers, and one that doesn't.
   */
  private static TestingCluster scene() {
    return TestingCluster.create()
        .with(service("private", "{SELECTOR, ports: [{port: 11211}]}"))
        .with(service("other", "{SELECTOR, ports: [{port: 80}]}"))
        .with(slice("{kubernetes.io/service-name: by-hand}", "[10.1.0.10]", "[{port: 11211}]"));
  }

  private static String ingress(String metadata, String spec) {
    return "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {%s}, spec: %s}"
        .formatted(metadata, spec);
  }

  private static String route(String kind, String metadata, String rule) {
    return "{apiVersion: example.gateway.networking.k8s.io/v1, kind: %s, metadata: {%s}, spec: {parentRefs: [{name: sessions}], rules: [%s]}}"
        .formatted(kind, metadata, rule);
  }
}
