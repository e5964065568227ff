package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.testing.KubectlYaml;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a mesh adds to the policies, and that it adds nothing else. */
class MeshTest {

  private static final String NAME = "sessions";

  private final SecureMemcached primary =
      Serialization.unmarshal(
          KubectlYaml.json(
              """
              metadata: {name: sessions, namespace: shop, uid: "1"}
              spec:
                sourceZones:
                  - name: web
                    sources: [{podSelector: {matchLabels: {app: web}}}, {cidr: 10.0.4.7/32}]
                  - {name: closed}
              """),
          SecureMemcached.class);

  @Test
  void onlyTheSourcesOfTheZonesGetThePortOfTheMesh() {
    Map<String, NetworkPolicy> without = policies(Mesh.None);
    Map<String, NetworkPolicy> with = policies(Mesh.IstioAmbient);

    assertThat(ports(without.get(NAME + "-zone-web"))).containsExactly(11211);
    assertThat(ports(with.get(NAME + "-zone-web"))).containsExactly(11211, 15008);
    assertThat(rule(with.get(NAME + "-zone-web")).getFrom())
        .isEqualTo(rule(without.get(NAME + "-zone-web")).getFrom())
        .hasSize(2);
    // No sources, no rule: one with ports alone would admit everybody.
    assertThat(with.get(NAME + "-zone-closed").getSpec().getIngress()).isEmpty();
    assertThat(with.get(NAME + "-default-deny")).isEqualTo(without.get(NAME + "-default-deny"));
    assertThat(with.get(NAME + "-operator")).isEqualTo(without.get(NAME + "-operator"));
  }

  @Test
  void probesOfTheKubeletReachThePortOfTheServerAlone() {
    assertThat(policies(Mesh.None)).doesNotContainKey(NAME + "-mesh");
    NetworkPolicy probes = policies(Mesh.IstioAmbient).get(NAME + "-mesh");
    assertThat(probes.getSpec().getPolicyTypes()).containsExactly("Ingress");
    assertThat(ports(probes)).containsExactly(11211);
    assertThat(rule(probes).getFrom())
        .extracting(peer -> peer.getIpBlock().getCidr())
        .containsExactly("169.254.7.127/32", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128");
  }

  @Test
  void nothingElseChangesSoNoServerRestarts() {
    assertThat(others(Mesh.IstioAmbient)).isEqualTo(others(Mesh.None)).isNotEmpty();
  }

  private List<?> others(Mesh mesh) {
    return Children.desired(primary, settings(mesh), Golden.logins(primary)).stream()
        .filter(child -> !(child instanceof NetworkPolicy))
        .toList();
  }

  private Map<String, NetworkPolicy> policies(Mesh mesh) {
    return Children.policies(primary, settings(mesh), Set.of()).stream()
        .collect(Collectors.toMap(policy -> policy.getMetadata().getName(), Function.identity()));
  }

  private static NetworkPolicyIngressRule rule(NetworkPolicy policy) {
    assertThat(policy.getSpec().getIngress()).hasSize(1);
    return policy.getSpec().getIngress().getFirst();
  }

  private static List<Integer> ports(NetworkPolicy policy) {
    assertThat(rule(policy).getPorts())
        .extracting(NetworkPolicyPort::getProtocol)
        .containsOnly("TCP");
    return rule(policy).getPorts().stream().map(port -> port.getPort().getIntVal()).toList();
  }

  private static Settings settings(Mesh mesh) {
    Settings settings = Golden.SETTINGS;
    return new Settings(
        settings.operatorNamespace(),
        settings.operatorLabels(),
        settings.images(),
        settings.intended(),
        settings.allowedImages(),
        settings.platformUserIds(),
        settings.defaultFlavor(),
        settings.externalAnnotations(),
        mesh);
  }
}
