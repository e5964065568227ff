package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.External.Provider;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.PlayedLoadBalancer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The Services for clients outside of the cluster. Their whole form is in the golden files. */
class ExternalServicesTest {

  private static final int PORT = 11211;

  private final SecureMemcached primary = Golden.example("external");

  ExternalServicesTest() {
    primary.getMetadata().setUid(Golden.UID);
  }

  @ParameterizedTest
  @EnumSource
  void noProviderOpensMoreThanTheZones(Provider provider) {
    assertThat(LoadBalancers.annotations(provider))
        .doesNotContainValue("internet-facing")
        .doesNotContainKey("service.beta.kubernetes.io/azure-allowed-ip-ranges");
    assertThat(LoadBalancers.annotations(provider).keySet())
        .as("what the operator writes, it restores")
        .allMatch(LoadBalancers::isDecisive);
  }

  /** Another's write of these would be removed for ever. */
  @ParameterizedTest
  @CsvSource({
    "service.kubernetes.io/firewall-rule",
    "service.kubernetes.io/backend-service",
    "cloud.google.com/neg-status",
    "loadbalancer.openstack.org/load-balancer-id",
    "metallb.io/ip-allocated-from-pool"
  })
  void whatControllersWriteStays(String key) {
    Service desired = desired().getFirst();
    Service annotated =
        new ServiceBuilder(desired).editMetadata().addToAnnotations(key, "x").endMetadata().build();
    assertThat(ExternalServices.changes(annotated, desired)).isEmpty();
    assertThat(ExternalServices.keptAnnotations(annotated, desired)).containsKey(key);
  }

  @ParameterizedTest
  @CsvSource({
    "service.beta.kubernetes.io/azure-allowed-service-tags",
    "service.beta.kubernetes.io/aws-load-balancer-security-groups",
    "service.cilium.io/src-ranges-policy",
    "metallb.io/address-pool",
    "loadbalancer.openstack.org/proxy-protocol"
  })
  void whatOpensALoadBalancerDoesNot(String key) {
    Service desired = desired().getFirst();
    Service annotated =
        new ServiceBuilder(desired).editMetadata().addToAnnotations(key, "x").endMetadata().build();
    assertThat(ExternalServices.changes(annotated, desired)).hasSize(1);
    assertThat(ExternalServices.keptAnnotations(annotated, desired)).doesNotContainKey(key);
  }

  @Test
  void secretsHaveTheAddressesThatExistOnceAllDid() {
    Logins logins = Golden.logins(primary);
    List<Service> all = List.of(at(0, "10.31.0.1"), at(1, "fd00::1"));
    assertThat(secrets(logins, List.of(at(0, "10.31.0.1")), Set.of())).isEmpty();
    assertThat(secrets(logins, List.of(), Set.of("external-external-credentials"))).isEmpty();
    assertThat(secrets(logins, all, Set.of()))
        .containsExactly(
            Map.of(
                "host", "10.31.0.1",
                "servers", "10.31.0.1:11211,[fd00::1]:11211",
                "uri",
                    "memcached://external:password-of-external@10.31.0.1:11211,[fd00::1]:11211"));
    assertThat(secrets(logins, List.of(at(1, "fd00::1")), Set.of("external-external-credentials")))
        .containsExactly(
            Map.of(
                "host", "fd00::1",
                "servers", "[fd00::1]:11211",
                "uri", "memcached://external:password-of-external@[fd00::1]:11211"));
  }

  /** Addresses stay, and nobody is let in who was not: neither by the zones nor by a forger. */
  @Test
  void existingServicesKeepTheirRangesWhileZonesAreTooWide() {
    zones("52.0.0.0/9", "10.0.4.0/24");
    List<Service> before = desired();
    zones("52.0.0.0/8", "54.0.0.0/8");
    assertThat(desired()).isEmpty();
    assertThat(ranges(before)).containsExactly(List.of("52.0.0.0/9"), List.of("52.0.0.0/9"));
    assertThat(ranges(List.of(before.getFirst()))).hasSize(1);
    before.forEach(forged -> forged.getSpec().setLoadBalancerSourceRanges(List.of("0.0.0.0/0")));
    assertThat(ranges(before)).isEmpty();
    before.forEach(other -> other.getSpec().setLoadBalancerSourceRanges(List.of("10.0.4.0/24")));
    assertThat(ranges(before)).isEmpty();
  }

  private List<List<String>> ranges(List<Service> existing) {
    return ExternalServices.desired(primary, Golden.SETTINGS, existing, PORT).stream()
        .map(service -> service.getSpec().getLoadBalancerSourceRanges())
        .toList();
  }

  private void zones(String... cidrs) {
    primary.setSpec(
        Serialization.unmarshal(
            KubectlYaml.json(
                "{replicas: 2, external: {provider: MetalLB}, sourceZones: [{name: lan, sources: [{cidr: %s}]}]}"
                    .formatted(String.join("}, {cidr: ", cidrs))),
            SecureMemcachedSpec.class));
  }

  private List<Map<String, String>> secrets(
      Logins logins, List<Service> services, Set<String> existing) {
    return ExternalAddresses.secrets(primary, logins, services, existing::contains, PORT).stream()
        .map(Secret.class::cast)
        .map(
            secret ->
                Map.of(
                    "host", text(secret.getData().get("host")),
                    "servers", text(secret.getData().get("servers")),
                    "uri", text(secret.getData().get("uri"))))
        .toList();
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private Service at(int server, String address) {
    return PlayedLoadBalancer.with(desired().get(server), address);
  }

  private List<Service> desired() {
    return ExternalServices.desired(primary, Golden.SETTINGS, List.of(), PORT);
  }
}
