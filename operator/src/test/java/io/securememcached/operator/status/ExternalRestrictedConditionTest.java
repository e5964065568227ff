package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.ServerExternal;
import io.securememcached.operator.resource.ExternalServices;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.PlayedLoadBalancer;
import io.securememcached.operator.text.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Condition ExternalRestricted, and the addresses in the status. */
class ExternalRestrictedConditionTest extends StatusFixture {

  private final List<Pod> pods = List.of(on("10.20.0.2", 0), on("10.20.0.2", 1));

  @Test
  void trueOnlyWithAddressesAndVerifiedPolicies() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}");
    external = services("10.31.0.1", "10.31.0.2");
    assertThat(condition()).startsWith("True ExternalRestricted The Services admit 10.0.4.0/24,");
    assertThat(status().servers())
        .extracting(server -> server.externalAddress().orElseThrow())
        .containsExactly(
            new ServerExternal("sessions-0-external", Quoted.of("10.31.0.1"), 11211, null),
            new ServerExternal("sessions-1-external", Quoted.of("10.31.0.2"), 11211, null));

    verifications = Map.of();
    assertThat(condition())
        .startsWith("Unknown ExternalNotVerifiable NetworkRestricted is Unknown, ");
  }

  @Test
  void pendingAddressIsNamed() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}");
    external = services("10.31.0.1", "");
    assertThat(condition())
        .startsWith("Unknown ExternalAddressPending ")
        .contains("sessions-1-external")
        .doesNotContain("sessions-0-external");
    assertThat(status().servers().get(1).externalAddress().orElseThrow().pending())
        .isEqualTo("the load balancer's controller has given no address yet");
  }

  @Test
  void addressesThatClientsCannotReadYetArePending() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}");
    external = services("10.31.0.1", "10.31.0.2");
    outdated = List.of("sessions-external-credentials");
    assertThat(condition())
        .isEqualTo(
            "Unknown ExternalAddressPending The addresses are not yet in the Secrets for clients outside: sessions-external-credentials. The operator writes them next.");
  }

  /** A rewritten address would be in the zone, and everybody would have it. */
  @Test
  void zoneWithANodesAddressProvesNothing() {
    spec("MetalLB", "{cidr: 10.0.0.0/8}");
    external = services("10.31.0.1", "10.31.0.2");
    assertThat(condition())
        .startsWith(
            "Unknown ExternalNotVerifiable The zones' network 10.0.0.0/8 contains 10.20.0.2");
  }

  @Test
  void nobodyCanTellWithOpenStack() {
    spec("OpenStack", "{cidr: 10.0.4.0/24}");
    external = services("10.31.0.1", "10.31.0.2");
    assertThat(condition()).startsWith("Unknown ExternalNotVerifiable It depends on Octavia's");
  }

  @Test
  void publicAddressIsFalseAndReadyDoesNotDependOnIt() {
    spec("AWS", "{cidr: 10.0.4.0/24}");
    external = services("10.31.0.1", "198.51.100.7");
    assertThat(condition())
        .startsWith("False ExternalAddressPublic ")
        .contains("sessions-1-external has 198.51.100.7");
    assertThat(condition(status(), "Ready")).startsWith("True AllServersReady");
  }

  @Test
  void openedServiceIsFalseAndANarrowerOneIsNot() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}, {cidr: 10.0.5.0/24}");
    external = services("10.31.0.1", "10.31.0.2");
    Service first = external.getFirst();
    external = List.of(with(first, List.of("10.0.4.0/25")), external.getLast());
    assertThat(condition()).startsWith("True ExternalRestricted");
    external = List.of(with(first, List.of()), external.getLast());
    assertThat(condition())
        .startsWith("False ExternalServiceChanged ")
        .contains("sessions-0-external: loadBalancerSourceRanges was empty");
    external = List.of(with(first, List.of("192.168.0.0/16")), external.getLast());
    assertThat(condition()).startsWith("False ExternalServiceChanged ");
  }

  @Test
  void withoutNetworksThereIsNothingToRestrictOnceTheServicesAreGone() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}");
    List<Service> before = services("10.31.0.1", "10.31.0.2");
    spec("MetalLB", "{podSelector: {matchLabels: {app: web}}}");
    external = before;
    assertThat(condition()).startsWith("Unknown ExternalClosing ");
    external = List.of();
    assertThat(condition()).startsWith("True NoCidrSource ");
    assertThat(status().servers().getFirst().externalAddress().orElseThrow().pending())
        .isEqualTo("no source zone has a network outside of the cluster");
  }

  @Test
  void absentWithoutTheField() {
    assertThat(Conditions.find(status().conditions(), Conditions.EXTERNAL_RESTRICTED)).isEmpty();
    assertThat(status().servers())
        .allSatisfy(server -> assertThat(server.externalAddress()).isEmpty());
  }

  @Test
  void rejectedServiceSaysWhy() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}");
    SecureMemcachedStatus rejected =
        status(
            set(2, 2),
            pods,
            Optional.of(new Failure(Stage.SERVERS, Reason.ChildRejected, "exceeded quota")));
    assertThat(condition(rejected, Conditions.EXTERNAL_RESTRICTED))
        .startsWith("Unknown ChildRejected Not created: sessions-0-external, sessions-1-external.")
        .endsWith("exceeded quota");
  }

  @Test
  void readyDoesNotDependOnARejectedService() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}");
    externalFailure =
        Optional.of(new Failure(Stage.SERVERS, Reason.ChildRejected, "exceeded quota"));
    assertThat(condition())
        .startsWith("Unknown ChildRejected Not created: sessions-0-external, sessions-1-external.")
        .endsWith("exceeded quota");
    assertThat(condition(status(), "Ready")).startsWith("True AllServersReady");
    assertThat(condition(status(), "ServersReady")).startsWith("True AllServersReady");
    external = services("10.31.0.1", "10.31.0.2");
    assertThat(condition())
        .as("an existing one that can't be changed")
        .isEqualTo("Unknown ChildRejected Not applied. exceeded quota");
  }

  /** Each alone is as wide as a source may be. */
  @Test
  void largePartOfTheInternetGetsNoAddress() {
    spec("MetalLB", "{cidr: 52.0.0.0/8}, {cidr: 54.0.0.0/8}");
    assertThat(condition())
        .startsWith("Unknown ExternalSourcesTooWide No server has an address")
        .contains("spec.sourceZones");
    spec("MetalLB", "{cidr: 52.0.0.0/8}, {cidr: 10.0.4.0/24}");
    external = services("10.31.0.1", "10.31.0.2");
    spec("MetalLB", "{cidr: 54.0.0.0/8}, {cidr: 52.0.0.0/8}");
    external.replaceAll(service -> with(service, List.of("52.0.0.0/8")));
    assertThat(condition())
        .startsWith("Unknown ExternalSourcesTooWide Services keep those of their source ranges");
    external = new ArrayList<>();
    spec("MetalLB", "{cidr: 52.0.0.0/8}, {cidr: 10.0.0.0/8}, {cidr: 192.168.0.0/16}");
    assertThat(condition()).startsWith("Unknown ExternalAddressPending");
  }

  @Test
  void serviceThatIsHeldIsSaid() {
    spec("MetalLB", "{cidr: 10.0.4.0/24}");
    List<Service> both = services("10.31.0.1", "10.31.0.2");
    external =
        List.of(
            new ServiceBuilder(both.getFirst())
                .editMetadata()
                .withDeletionTimestamp("2026-11-22T11:00:00Z")
                .endMetadata()
                .build(),
            both.getLast());
    assertThat(condition())
        .startsWith("Unknown ExternalClosing ")
        .contains(
            "sessions-0-external",
            "The operator creates them anew once they are gone",
            "finalizer",
            "kubectl describe service")
        .doesNotContain("sessions-1-external");
    assertThat(condition(status(), "Ready")).startsWith("True AllServersReady");
  }

  private void spec(String provider, String sources) {
    primary.setSpec(
        Serialization.unmarshal(
            KubectlYaml.json(
                "{replicas: 2, external: {provider: %s}, sourceZones: [{name: lan, sources: [%s]}]}"
                    .formatted(provider, sources)),
            SecureMemcachedSpec.class));
  }

  private SecureMemcachedStatus status() {
    return status(set(2, 2), pods, Optional.empty());
  }

  private String condition() {
    return condition(status(), Conditions.EXTERNAL_RESTRICTED);
  }

  private static Pod on(String node, int number) {
    return new PodBuilder(pod(number, true)).editStatus().withHostIP(node).endStatus().build();
  }

  private static Service with(Service service, List<String> ranges) {
    return new ServiceBuilder(service)
        .editSpec()
        .withLoadBalancerSourceRanges(ranges)
        .endSpec()
        .build();
  }

  private List<Service> services(String... addresses) {
    List<Service> services = new ArrayList<>();
    for (Service service : ExternalServices.desired(primary, SETTINGS, List.of(), 11211)) {
      String address = addresses[services.size()];
      services.add(address.isEmpty() ? service : PlayedLoadBalancer.with(service, address));
    }
    return services;
  }
}
