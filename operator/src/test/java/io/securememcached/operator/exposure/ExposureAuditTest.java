package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Golden;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExposureAuditTest {

  static List<String> examples() {
    return Golden.examples();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aResourceThatNobodyTouchedHasNoFinding(String example) {
    assertThat(TestingCluster.of(Golden.example(example)).audit()).isEmpty();
  }

  @Test
  void twoResourcesOfANamespaceLeaveEachOtherAlone() {
    TestingCluster cluster = TestingCluster.create();
    SecureMemcached other =
        TestingCluster.sessions("{sourceZones: [{name: web, sources: [{cidr: 0.0.0.0/0}]}]}");
    other.getMetadata().setName("other");
    other.getMetadata().setNamespace(Golden.NAMESPACE);
    Golden.desired(other).forEach(child -> cluster.with(Serialization.asYaml(child)));

    assertThat(cluster.audit()).isEmpty();
  }

  @Test
  void findingsAreSortedWhateverTheOrderOfTheObjects() {
    TestingCluster cluster = opened();
    List<Exposure> found = cluster.audit();
    Collections.reverse(cluster.pods);

    assertThat(found)
        .extracting(exposure -> exposure.kind().id() + " " + exposure.object())
        .containsExactly(
            "foreign-policy NetworkPolicy a",
            "foreign-policy NetworkPolicy b",
            "host-namespace Pod sessions-0",
            "host-namespace Pod sessions-1",
            "changed-image Pod sessions-1");
    assertThat(cluster.audit()).isEqualTo(found);
    assertThat(found).allSatisfy(exposure -> assertThat(exposure.detail()).doesNotContain("\n"));
  }

  private static TestingCluster opened() {
    String policy =
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s}, spec: {ingress: [{}]}}";
    TestingCluster cluster =
        TestingCluster.create().with(policy.formatted("b")).with(policy.formatted("a"));
    cluster.pods.forEach(pod -> pod.getSpec().setHostNetwork(true));
    cluster.pods.getLast().getSpec().getContainers().getFirst().setImage("evil.example/a");
    return cluster;
  }
}
