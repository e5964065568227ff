package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceExposuresTest {

  private static final String SELECTOR = "selector: {app.kubernetes.io/name: memcached}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {type: NodePort, SELECTOR, ports: [{port: 11211}]} | exposes the servers on a port of every node;
          {type: NodePort, SELECTOR, ports: [{port: 80, targetPort: 11211}]} | exposes the servers on a port of every node;
          {type: NodePort, SELECTOR, ports: [{port: 80, targetPort: memcached}]} | exposes the servers on a port of every node;
          {type: NodePort, SELECTOR, ports: [{port: 80}, {port: 11211, targetPort: 0}]} | exposes the servers on a port of every node;
          {type: LoadBalancer, SELECTOR, ports: [{port: 11211}]} | exposes the servers through a load balancer;
          {type: LoadBalancer, selector: {securememcached.io/server-of: sessions}, ports: [{port: 11211}]} | exposes the servers through a load balancer;
          {type: ClusterIP, SELECTOR, ports: [{port: 11211}], externalIPs: [192.0.2.1, 192.0.2.2]} | exposes the servers on external addresses 192.0.2.1 and 192.0.2.2;
          {SELECTOR, ports: [{port: 11211}], externalIPs: [192.0.2.1]} | exposes the servers on external addresses 192.0.2.1;
          {SELECTOR, ports: [{port: 11211}], publishNotReadyAddresses: true} | publishes servers that are not ready;
          {clusterIP: None, SELECTOR, publishNotReadyAddresses: true} | publishes servers that are not ready;
          {type: NodePort, SELECTOR, ports: [{port: 11211}], publishNotReadyAddresses: true} | exposes the servers on a port of every node, publishes servers that are not ready;
          """)
  void findsServicesThatPublishTheServers(String spec, String detail) {
    assertThat(TestingCluster.create().with(service("extra", spec)).audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.FOREIGN_SERVICE);
              assertThat(found.object()).isEqualTo("Service extra");
              assertThat(found.detail()).startsWith(detail);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Private ones over ready servers: policies decide.
        "{SELECTOR, ports: [{port: 11211}]}",
        "{clusterIP: None, SELECTOR, ports: [{port: 11211}]}",
        "{clusterIP: None, SELECTOR, publishNotReadyAddresses: false}",
        // Other pods, and none.
        "{type: NodePort, selector: {app: web}, ports: [{port: 11211}]}",
        "{type: NodePort, selector: {app.kubernetes.io/name: memcached, app: web}, ports: [{port: 11211}]}",
        "{type: NodePort, selector: {}, ports: [{port: 11211}]}",
        "{type: NodePort, ports: [{port: 11211}]}",
        // Other ports and protocols.
        "{type: NodePort, SELECTOR, ports: [{port: 11211, targetPort: 80}]}",
        "{type: NodePort, SELECTOR, ports: [{port: 11211, targetPort: http}]}",
        "{type: NodePort, SELECTOR, ports: [{port: 11211, protocol: UDP}]}",
        // A name for another name.
        "{type: ExternalName, SELECTOR, externalName: example.com, externalIPs: [192.0.2.1]}"
      })
  void privateAndOtherServicesAreNoFinding(String spec) {
    assertThat(TestingCluster.create().with(service("extra", spec)).audit()).isEmpty();
  }

  /** By the uid of their owner, which a copy of their labels does not have. */
  @Test
  void ownServicesForClientsOutsideAreNoFindingAndCopiesAre() {
    TestingCluster cluster =
        TestingCluster.of(
            TestingCluster.sessions(
                "{replicas: 2, external: {provider: AWS}, sourceZones: [{name: lan, sources: [{cidr: 10.0.4.0/24}]}]}"));
    assertThat(cluster.desired())
        .anyMatch(child -> child.getMetadata().getName().equals("sessions-0-external"));
    assertThat(cluster.audit()).isEmpty();
    cluster.with(
        """
        {apiVersion: v1, kind: Service, metadata: {
          name: sessions-7-external,
          labels: {
            app.kubernetes.io/managed-by: securememcached-operator,
            app.kubernetes.io/component: external,
            securememcached.io/resource: sessions},
          ownerReferences: [{
            apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, name: sessions, uid: other}]},
         spec: {
          type: LoadBalancer,
          selector: {securememcached.io/server-of: sessions},
          ports: [{port: 11211}]}}
        """);
    assertThat(cluster.audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.object()).isEqualTo("Service sessions-7-external");
              assertThat(found.detail()).startsWith("exposes the servers through a load balancer");
            });
  }

  /**
   * Whoever may create Services in the namespace can read the resource's uid, and make it the owner
   * of another one. It is the operator's only with the name and the labels of one that the operator
   * restores or deletes.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // Labels of a child, and no owner.
        "name: sessions-7-external, labels: {app.kubernetes.io/managed-by: securememcached-operator, app.kubernetes.io/component: external, securememcached.io/resource: sessions}",
        // The right owner, and no labels, under a name that a child could have, and any other.
        "name: sessions-7-external, ownerReferences: [{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, name: sessions, uid: %s}]",
        "name: extra, ownerReferences: [{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, name: sessions, uid: %s}]",
        // Both, under a name that no child has.
        "name: extra, labels: {app.kubernetes.io/managed-by: securememcached-operator, app.kubernetes.io/component: external, securememcached.io/resource: sessions}, ownerReferences: [{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, name: sessions, uid: %s}]",
        "name: sessions-7-external, labels: {app.kubernetes.io/managed-by: securememcached-operator, app.kubernetes.io/component: client, securememcached.io/resource: sessions}, ownerReferences: [{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, name: sessions, uid: %s}]"
      })
  void serviceThatOnlyLooksLikeOursIsFound(String metadata) {
    TestingCluster cluster =
        TestingCluster.of(
            TestingCluster.sessions(
                "{replicas: 2, external: {provider: AWS}, sourceZones: [{name: lan, sources: [{cidr: 10.0.4.0/24}]}]}"));
    String uid = "5d7c1d52-0000-4000-8000-000000000002";
    cluster.primary.getMetadata().setUid(uid);
    assertThat(cluster.audit()).isEmpty();
    cluster.with(
        "{apiVersion: v1, kind: Service, metadata: {%s}, spec: {type: LoadBalancer, selector: {securememcached.io/server-of: sessions}, ports: [{port: 11211}]}}"
            .formatted(metadata.formatted(uid)));
    assertThat(cluster.audit())
        .singleElement()
        .satisfies(
            found ->
                assertThat(found.detail())
                    .startsWith("exposes the servers through a load balancer"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {kubernetes.io/service-name: extra} | [10.1.0.10] | [{port: 11211}]
          {kubernetes.io/service-name: extra} | [10.9.9.9, 10.1.0.11] | [{port: 80}, {port: 11211, protocol: TCP}]
          {kubernetes.io/service-name: extra} | ['fd00::10'] | [{}]
          {kubernetes.io/service-name: extra} | [10.1.0.10] | []
          {kubernetes.io/service-name: sessions} | [10.1.0.10] | [{port: 11211}]
          {kubernetes.io/service-name: extra, endpointslice.kubernetes.io/managed-by: endpointslicemirroring-controller.k8s.io} | [10.1.0.10] | [{port: 11211}]
          {kubernetes.io/service-name: extra, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io} | [10.1.0.10] | [{port: 11211}]
          """)
  void findsSlicesWithAServersAddress(String labels, String addresses, String ports) {
    assertThat(
            TestingCluster.create()
                .with(service("extra", "{type: NodePort, ports: [{port: 11211}]}"))
                .with(slice(labels, addresses, ports))
                .audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.FOREIGN_SERVICE);
              assertThat(found.object()).isEqualTo("EndpointSlice by-hand");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {} | [10.1.0.10] | [{port: 11211}]
          {kubernetes.io/service-name: extra} | [10.1.0.12] | [{port: 11211}]
          {kubernetes.io/service-name: extra} | [10.1.0.10] | [{port: 80}]
          {kubernetes.io/service-name: extra} | [10.1.0.10] | [{port: 11211, protocol: UDP}]
          {kubernetes.io/service-name: sessions, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io} | [10.1.0.10] | [{port: 11211}]
          {kubernetes.io/service-name: private, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io} | [10.1.0.10] | [{port: 11211}]
          """)
  void slicesOfOthersAndOfKubernetesAreNoFinding(String labels, String addresses, String ports) {
    assertThat(
            TestingCluster.create()
                .with(service("private", "{SELECTOR, ports: [{port: 11211}]}"))
                .with(slice(labels, addresses, ports))
                .audit())
        .isEmpty();
  }

  @Test
  void addressesThatAreNotServersCollectLogins() {
    assertThat(
            TestingCluster.create()
                .with(
                    slice(
                        "{kubernetes.io/service-name: sessions-nodes}",
                        "[10.9.9.9, 10.9.9.8]",
                        "[{port: 11211}]"))
                .audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.IMPOSTOR);
              assertThat(found.detail())
                  .startsWith(
                      "sends clients of Service sessions-nodes and their logins to 10.9.9.8 and 10.9.9.9;");
            });
  }

  static String service(String name, String spec) {
    return "{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: %s}"
        .formatted(name, spec.replace("SELECTOR", SELECTOR));
  }

  static String slice(String labels, String addresses, String ports) {
    return "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: by-hand, labels: %s}, addressType: IPv4, endpoints: [{addresses: %s}], ports: %s}"
        .formatted(labels, addresses, ports);
  }
}
