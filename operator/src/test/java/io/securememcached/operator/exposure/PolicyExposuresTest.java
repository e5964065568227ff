package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.resource.Golden;
import io.securememcached.operator.resource.IntendedTraffic;
import io.securememcached.operator.resource.Mesh;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyExposuresTest {

  private static final String MONITORING = "{namespaceSelector: {matchLabels: {team: monitoring}}}";
  private static final String LABELS =
      "labels: {app.kubernetes.io/managed-by: securememcached-operator, securememcached.io/resource: sessions}";

  /** Spec of a policy, and what it opens. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {podSelector: {}, policyTypes: [Ingress], ingress: [{}]} | allows ingress from anywhere
          {podSelector: {}, ingress: [{}]} | allows ingress from anywhere
          {podSelector: {}, policyTypes: [Ingress], ingress: [{from: []}]} | allows ingress from anywhere
          {ingress: [{}]} | allows ingress from anywhere
          {podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}, {}]} | allows ingress from anywhere
          {podSelector: {matchLabels: {app.kubernetes.io/name: memcached}}, ingress: [{}]} | allows ingress from anywhere
          {podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: sessions-1}}, ingress: [{}]} | allows ingress from anywhere
          {podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}, ingress: [{}]} | allows ingress from anywhere
          {podSelector: {matchExpressions: [{key: securememcached.io/server-of, operator: Exists}]}, ingress: [{}]} | allows ingress from anywhere
          {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]} | allows ingress from all pods in this namespace
          {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {b: c, a: b}}}]}]} | allows ingress from pods with a=b,b=c in this namespace
          {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]} | allows ingress from all pods in all namespaces
          {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [a, b]}, {key: old, operator: DoesNotExist}]}}]}]} | allows ingress from all pods in namespaces with !old,team in (a,b)
          {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]} | allows ingress from 0.0.0.0/0 except 10.0.0.0/8
          {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}, {ipBlock: {cidr: 10.0.0.2/32}}, {ipBlock: {cidr: 10.0.0.3/32}}]}, {from: [{ipBlock: {cidr: 10.0.0.4/32}}]}]} | allows ingress from 10.0.0.1/32, 10.0.0.2/32, 10.0.0.3/32 and 1 more
          {podSelector: {}, ingress: [{ports: [{port: 11211}]}]} | allows ingress from anywhere
          {podSelector: {}, ingress: [{ports: [{port: 80}, {port: 11211, protocol: TCP}]}]} | allows ingress from anywhere
          {podSelector: {}, ingress: [{ports: [{port: memcached}]}]} | allows ingress from anywhere
          {podSelector: {}, ingress: [{ports: [{protocol: TCP}]}]} | allows ingress from anywhere
          {podSelector: {}, ingress: [{ports: [{port: 11211, endPort: 11300}]}]} | allows ingress from anywhere
          {podSelector: {}, ingress: [{ports: [{port: 11000, endPort: 11211}]}]} | allows ingress from anywhere
          {podSelector: {}, policyTypes: [Egress], egress: [{}]} | allows egress to anywhere
          {podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}, {port: 443}]}]} | allows egress to anywhere
          {podSelector: {}, egress: [{ports: [{port: 53, endPort: 54}]}]} | allows egress to anywhere
          {podSelector: {}, egress: [{ports: [{port: dns, protocol: UDP}]}]} | allows egress to anywhere
          {podSelector: {}, egress: [{ports: [{protocol: UDP}]}]} | allows egress to anywhere
          {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]} | allows egress to 0.0.0.0/0
          {podSelector: {}, ingress: [{ports: [{port: 53, endPort: 11211}]}]} | allows ingress from anywhere
          {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]} | allows egress to 10.0.0.0/8
          """)
  void findsWhatAddsToTheOperatorsPolicies(String spec, String detail) {
    assertThat(TestingCluster.create().with(policy("extra", spec)).audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.FOREIGN_POLICY);
              assertThat(found.object()).isEqualTo("NetworkPolicy extra");
              assertThat(found.detail()).startsWith(detail).contains("; delete it");
              assertThat(found.isIntended()).isFalse();
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Opens nothing: Kubernetes' own default deny.
        "{podSelector: {}, policyTypes: [Ingress, Egress]}",
        "{podSelector: {}, policyTypes: [Ingress], ingress: []}",
        // Rules that its types take no notice of.
        "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}",
        "{podSelector: {}, policyTypes: [Ingress], egress: [{}]}",
        // Other pods.
        "{podSelector: {matchLabels: {app: web}}, ingress: [{}], egress: [{}]}",
        "{podSelector: {matchLabels: {securememcached.io/server-of: other}}, ingress: [{}]}",
        "{podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: sessions-2}}, ingress: [{}]}",
        "{podSelector: {matchExpressions: [{key: securememcached.io/server-of, operator: DoesNotExist}]}, ingress: [{}]}",
        "{podSelector: {matchExpressions: [{key: app.kubernetes.io/name, operator: NotIn, values: [memcached]}]}, ingress: [{}]}",
        // Other ports.
        "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: 11212, endPort: 11300}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: 11000, endPort: 11210}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: http}]}]}",
        // Other protocols.
        "{podSelector: {}, ingress: [{ports: [{port: 11211, protocol: UDP}]}]}",
        "{podSelector: {}, ingress: [{ports: [{protocol: SCTP}]}]}"
      })
  void takesNoNoticeOfWhatOpensNothing(String spec) {
    assertThat(TestingCluster.create().with(policy("extra", spec)).audit()).isEmpty();
  }

  /** The policy of each platform's baseline that lets pods ask for names. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]} | anywhere
          {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{protocol: UDP, port: 53}]} | all pods in namespaces with kubernetes.io/metadata.name=kube-system
          {to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, endPort: 53}]} | 169.254.20.10/32
          """)
  void wayOutToNamesIsToldAndNoExposure(String rule, String peers) {
    assertThat(
            TestingCluster.create()
                .with(policy("allow-dns", "{podSelector: {}, egress: [%s]}".formatted(rule)))
                .audit())
        .containsExactly(
            new Exposure(
                Kind.FOREIGN_POLICY,
                "NetworkPolicy allow-dns",
                "allows egress to " + peers + " (port 53 only, for DNS)",
                true));
  }

  @Test
  void wayOutToNamesHidesNoOther() {
    assertThat(
            TestingCluster.create()
                .with(
                    policy(
                        "allow-dns",
                        "{podSelector: {}, egress: [{ports: [{port: 53}]}, {to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"))
                .audit())
        .extracting(found -> found.isIntended() + " " + found.detail().split("[;(]")[0].strip())
        .containsExactly("false allows egress to 10.0.0.0/8", "true allows egress to anywhere");
  }

  private static final String TO_THE_MESH =
      "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 15008}]}]}";

  @Test
  void portOfAMeshLeadsToTheServersOnceItIsEnabled() {
    TestingCluster cluster = TestingCluster.create().with(policy("hbone", TO_THE_MESH));
    assertThat(cluster.audit()).isEmpty();
    cluster.mesh = Mesh.IstioAmbient;
    assertThat(cluster.audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.detail())
                  .startsWith(
                      "allows ingress from all pods in this namespace to port 15008, by which an ambient mesh reaches the servers; delete it");
              assertThat(found.isIntended()).isFalse();
            });
    cluster.intended =
        List.of(intended(Golden.NAMESPACE, "{from: [{podSelector: {}}], ports: [{port: 15008}]}"));
    assertThat(cluster.audit()).singleElement().returns(true, Exposure::isIntended);
  }

  /** Whoever labels the namespace decides, without the administrator's setting. */
  @Test
  void portOfAMeshLeadsToServersThatItHasTakenIn() {
    TestingCluster cluster =
        TestingCluster.create()
            .with(policy("hbone", TO_THE_MESH))
            .pod(
                pod ->
                    pod.getMetadata()
                        .getAnnotations()
                        .put("ambient.istio.io/redirection", "disabled"));
    assertThat(cluster.audit()).isEmpty();
    cluster.pod(
        pod -> pod.getMetadata().getAnnotations().put("ambient.istio.io/redirection", "enabled"));
    assertThat(cluster.audit()).singleElement().returns(false, Exposure::isIntended);
  }

  /** Istio's own advice for clusters with default-deny policies. */
  @Test
  void probesOfTheKubeletInAMeshAreIntendedAndNobodyElse() {
    String rule = "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: %s}}]}]}";
    TestingCluster cluster =
        TestingCluster.create().with(policy("probes", rule.formatted("169.254.7.127/32")));
    assertThat(cluster.audit()).singleElement().returns(false, Exposure::isIntended);
    cluster.mesh = Mesh.IstioAmbient;
    assertThat(cluster.audit())
        .containsExactly(
            new Exposure(
                Kind.FOREIGN_POLICY,
                "NetworkPolicy probes",
                "allows ingress from 169.254.7.127/32 (intended as the kubelet's probes in the mesh IstioAmbient)",
                true));
    cluster.with(policy("wider", rule.formatted("169.254.7.0/24")));
    assertThat(cluster.audit())
        .filteredOn(found -> !found.isIntended())
        .singleElement()
        .returns("NetworkPolicy wider", Exposure::object);
  }

  /** For the sidecars of other pods in the namespace, which one policy for all pods allows. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          true | to: [ISTIO], ports: [{port: 15012}]
          true | to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}, podSelector: {matchLabels: {app: istiod}}}], ports: [{protocol: TCP, port: 15012}]
          false | to: [ISTIO]
          false | to: [ISTIO], ports: [{port: 15012}, {port: 443}]
          false | ports: [{port: 15012}]
          false | to: [ISTIO, {podSelector: {}}], ports: [{port: 15012}]
          false | to: [{namespaceSelector: {}}], ports: [{port: 15012}]
          """)
  void wayOutToTheControlPlaneOfTheMeshIsIntendedAndNoOther(boolean intended, String rule) {
    TestingCluster cluster =
        TestingCluster.create()
            .with(
                policy(
                    "istiod",
                    "{podSelector: {}, policyTypes: [Egress], egress: [{%s}]}"
                        .formatted(
                            rule.replace(
                                "ISTIO",
                                "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}}"))));
    assertThat(cluster.audit()).singleElement().returns(false, Exposure::isIntended);
    cluster.mesh = Mesh.IstioAmbient;
    assertThat(cluster.audit()).singleElement().returns(intended, Exposure::isIntended);
  }

  @Test
  void whatAnAdministratorIntendsIsToldAsSuch() {
    TestingCluster cluster =
        TestingCluster.create()
            .with(
                policy(
                    "any-name",
                    "{podSelector: {}, ingress: [{from: [%s]}]}".formatted(MONITORING)));
    cluster.intended = List.of(intended(Golden.NAMESPACE, "{from: [" + MONITORING + "]}"));

    assertThat(cluster.audit())
        .containsExactly(
            new Exposure(
                Kind.FOREIGN_POLICY,
                "NetworkPolicy any-name",
                "allows ingress from all pods in namespaces with team=monitoring (intended as monitoring)",
                true));
  }

  /** An intended rule, one of a policy, and why the policy opens more than is intended. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {from: [MONITORING]} | {} | anywhere
          {from: [MONITORING]} | {from: [MONITORING, {podSelector: {}}]} | a peer more
          {from: [MONITORING]} | {from: [{namespaceSelector: {}}]} | a wider peer
          {from: [MONITORING]} | {from: [{namespaceSelector: {matchLabels: {team: monitoring}}, podSelector: {}}]} | another peer
          {from: [MONITORING], ports: [{port: 11211}]} | {from: [MONITORING]} | all ports
          {from: [MONITORING], ports: [{port: 11211}]} | {from: [MONITORING], ports: [{port: 11211, endPort: 11212}]} | a port more
          {from: [MONITORING], ports: [{port: 9000, endPort: 11211}]} | {from: [MONITORING], ports: [{port: 8999, endPort: 11211}]} | a port more
          {from: [MONITORING], ports: [{protocol: UDP}]} | {from: [MONITORING], ports: [{port: 11211}]} | another protocol
          {from: [MONITORING], ports: [{port: http}]} | {from: [MONITORING], ports: [{port: memcached}]} | another name
          """)
  void policyThatOpensMoreThanIsIntendedIsFound(String listed, String rule, String why) {
    TestingCluster cluster =
        TestingCluster.create()
            .with(
                policy(
                    "monitoring",
                    "{podSelector: {}, ingress: [%s]}"
                        .formatted(rule.replace("MONITORING", MONITORING))));
    cluster.intended =
        List.of(intended(Golden.NAMESPACE, listed.replace("MONITORING", MONITORING)));

    assertThat(cluster.audit()).as(why).singleElement().returns(false, Exposure::isIntended);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {} | {}
          {} | {from: [MONITORING], ports: [{port: 11211}]}
          {from: [MONITORING, {podSelector: {}}]} | {from: [MONITORING]}
          {from: [MONITORING], ports: [{port: 11000, endPort: 12000}]} | {from: [MONITORING], ports: [{port: 11211}]}
          {from: [MONITORING], ports: [{port: 11000, endPort: 12000}]} | {from: [MONITORING], ports: [{port: 11211, protocol: TCP, endPort: 11300}]}
          {from: [MONITORING], ports: [{port: memcached}]} | {from: [MONITORING], ports: [{port: memcached}]}
          {from: [MONITORING], ports: [{protocol: TCP}]} | {from: [MONITORING], ports: [{port: memcached}]}
          """)
  void policyThatOpensLessThanIsIntendedIsNoExposure(String listed, String rule) {
    TestingCluster cluster =
        TestingCluster.create()
            .with(
                policy(
                    "monitoring",
                    "{podSelector: {}, ingress: [%s]}"
                        .formatted(rule.replace("MONITORING", MONITORING))));
    cluster.intended =
        List.of(intended(Golden.NAMESPACE, listed.replace("MONITORING", MONITORING)));

    assertThat(cluster.audit()).singleElement().returns(true, Exposure::isIntended);
  }

  @Test
  void whatIsIntendedElsewhereOrTheOtherWayIsFound() {
    TestingCluster cluster =
        TestingCluster.create()
            .with(policy("in", "{podSelector: {}, ingress: [{from: [%s]}]}".formatted(MONITORING)))
            .with(policy("out", "{podSelector: {}, egress: [{to: [%s]}]}".formatted(MONITORING)));
    cluster.intended = List.of(intended("other", "{}"));
    assertThat(cluster.audit()).hasSize(2).noneMatch(Exposure::isIntended);

    cluster.intended = List.of(intended(Golden.NAMESPACE, "{}"));
    assertThat(cluster.audit())
        .extracting(found -> found.object() + " " + found.isIntended())
        .containsExactly("NetworkPolicy in true", "NetworkPolicy out false");
  }

  private static IntendedTraffic intended(String namespace, String rule) {
    return TestingCluster.read(
        "{name: monitoring, namespaces: [%s], ingress: [%s]}".formatted(namespace, rule),
        IntendedTraffic.class);
  }

  @Test
  void tellsBothDirections() {
    assertThat(
            TestingCluster.create()
                .with(policy("extra", "{podSelector: {}, ingress: [{}], egress: [{}]}"))
                .audit())
        .extracting(Exposure::detail)
        .satisfiesExactly(
            out -> assertThat(out).startsWith("allows egress"),
            in -> assertThat(in).startsWith("allows ingress"));
  }

  /** A policy has no owner; one with a foreign owner, or without labels, is somebody's. */
  @Test
  void nameOrOwnerAloneMakesNoChild() {
    String owner = "ownerReferences: [{kind: %s, name: sessions, uid: %s}]";
    String open = "{podSelector: {}, ingress: [{}]}";

    assertThat(TestingCluster.create().with(policy("sessions-default-deny", open)).audit())
        .hasSize(1);
    assertThat(
            TestingCluster.create()
                .with(policy("a, " + owner.formatted("SecureMemcached", Golden.UID), open))
                .audit())
        .hasSize(1);
    assertThat(
            TestingCluster.create()
                .with(policy("a, " + LABELS + ", " + owner.formatted("ConfigMap", "x"), open))
                .audit())
        .hasSize(1);
  }

  /** A cache may lag behind what this very reconciliation has repaired or deleted. */
  @Test
  void whatTheOperatorKeepsOrDeletesItselfIsNoFinding() {
    String uid = "labels: {securememcached.io/resource-uid: %s}".formatted(Golden.UID);
    String open = "{podSelector: {}, ingress: [{}]}";

    assertThat(
            TestingCluster.create()
                .with(policy("sessions-zone-gone, " + LABELS, open))
                .with(policy("sessions-operator, " + uid, open))
                .audit())
        .isEmpty();
  }

  @Test
  void otherNamespacesAndResourcesWithoutServersAreNoFinding() {
    String open = "{podSelector: {}, ingress: [{}]}";

    assertThat(TestingCluster.create().with(policy("a, namespace: other", open)).audit()).isEmpty();
    assertThat(
            TestingCluster.of(TestingCluster.sessions("{replicas: 0}"))
                .with(policy("a", open))
                .audit())
        .isEmpty();
  }

  /** While a changed port is rolled out, both are in use. */
  @Test
  void asksForThePortsThatPodsListenOnToday() {
    TestingCluster cluster =
        TestingCluster.create()
            .with(policy("old", "{podSelector: {}, ingress: [{ports: [{port: 11211}]}]}"))
            .with(policy("new", "{podSelector: {}, ingress: [{ports: [{port: 21211}]}]}"))
            .with(policy("no", "{podSelector: {}, ingress: [{ports: [{port: 31211}]}]}"));
    cluster.primary.setSpec(TestingCluster.sessions("{replicas: 2, port: 21211}").getSpec());

    assertThat(cluster.audit())
        .extracting(Exposure::object)
        .containsExactly("NetworkPolicy new", "NetworkPolicy old");
  }

  private static String policy(String metadata, String spec) {
    return "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s}, spec: %s}"
        .formatted(metadata, spec);
  }
}
