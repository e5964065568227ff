package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFindsFault;
import static io.securememcached.operator.e2e.Place.Reach.CONNECTED;
import static io.securememcached.operator.e2e.Place.Reach.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.resource.ExternalAddresses;
import io.securememcached.operator.status.Conditions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Hosts outside of the cluster use the servers by their external addresses, and only those that a
 * zone names.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class ExternalE2E {

  private static final int SERVERS = 2;
  private static final String INSIDE = "10.30.0.71";
  private static final String ZONE =
      "sourceZones: [{name: lan, sources: [{cidr: %s/32}]}]".formatted(INSIDE);

  private final Sandbox sandbox;
  private final TestingLoadBalancer balancer;
  private final Cluster.OutsideHost inside;
  private final Cluster.OutsideHost outsider;

  ExternalE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-external");
    balancer = new TestingLoadBalancer(sandbox);
    inside = cluster.outside("e2e-inside", INSIDE);
    outsider = cluster.outside("e2e-outsider", "10.30.0.72");
  }

  @BeforeAll
  void start() {
    apply(ZONE);
    sandbox.awaitReady("cache");
  }

  @AfterAll
  void stop() {
    inside.close();
    outsider.close();
    balancer.close();
    sandbox.close();
  }

  private void apply(String zones) {
    sandbox.apply(
        "cache", "replicas: %d\nexternal: {provider: MetalLB}\n%s".formatted(SERVERS, zones));
  }

  @Test
  void hostsOfTheZoneLogInToEachServerAndOthersDoNot() throws MemcachedException {
    apply(ZONE);
    awaitCondition("True", "ExternalRestricted");
    List<String> addresses = List.of(credentials().get("servers").split(","));
    assertThat(addresses).hasSize(SERVERS);
    Checks.Check letsInTheZoneAlone =
        server -> {
          assertThat(outsider.reach(server)).isEqualTo(TIMED_OUT);
          assertThat(inside.reach(server)).isEqualTo(CONNECTED);
        };
    for (int number = 0; number < SERVERS; number++) {
      Server external = external(number);
      assertThat(external.address() + ":" + external.port()).isEqualTo(addresses.get(number));
      Sandbox.awaitReach(inside, external, CONNECTED);
      letsInTheZoneAlone.on(external);

      // It is that server: what is written by its external address is read by its pod's.
      String value = "written to " + external.pod();
      try (Relay relay = new Relay(inside, external);
          MemcachedClient connection = relay.login()) {
        assertThat(connection.set("key", bytes(value), Duration.ZERO).ok()).isTrue();
      }
      try (Relay relay =
              new Relay(inside, sandbox.server(external.pod(), "cache-external-credentials"));
          MemcachedClient connection = relay.login()) {
        assertThat(connection.get("key").text().text()).isEqualTo(value);
      }
    }

    // The counter-example: somebody's own server without policies and ranges.
    assertFindsFault(letsInTheZoneAlone, open("open", List.of()));
  }

  /** Each of the two gates alone keeps the outsider out, and the traffic policy matters. */
  @Test
  void rangesAloneKeepOthersOutAndClusterKeepsEverybodyOut() {
    Server ranged = open("ranged", List.of(INSIDE + "/32"));
    Sandbox.awaitReach(inside, ranged, CONNECTED);
    assertThat(outsider.reach(ranged)).isEqualTo(TIMED_OUT);
    patch("ranged", "{\"spec\": {\"loadBalancerSourceRanges\": null}}");
    Sandbox.awaitReach(outsider, ranged, CONNECTED);

    apply(ZONE);
    awaitCondition("True", "ExternalRestricted");
    Server cluster = service("cluster", "Cluster");
    Server local = service("local", "Local");
    Sandbox.awaitReach(inside, local, CONNECTED);
    // No ranges: the zone's policy at the pod decides.
    assertThat(outsider.reach(local)).isEqualTo(TIMED_OUT);
    // The server sees the node's address, which no zone has.
    assertThat(inside.reach(cluster)).isEqualTo(TIMED_OUT);

    // Somebody else's Services to a server are reported.
    Sandbox.eventually(
        "the finding",
        () ->
            assertThat(message(Conditions.NOT_EXPOSED))
                .startsWith("False Exposed")
                .contains("Service cluster: exposes the servers through a load balancer")
                .contains("Service local: exposes the servers through a load balancer")
                .doesNotContain("Service cache-0-external"));
    sandbox.client().services().inNamespace(sandbox.namespace()).withName("cluster").delete();
    sandbox.client().services().inNamespace(sandbox.namespace()).withName("local").delete();
    Sandbox.eventually(
        "no finding",
        () -> assertThat(message(Conditions.NOT_EXPOSED)).startsWith("True NotExposed"));
  }

  @Test
  void whatOthersOpenIsClosedAndReported() {
    apply(ZONE);
    awaitCondition("True", "ExternalRestricted");
    patch(
        "cache-0-external",
        "{\"spec\": {\"loadBalancerSourceRanges\": null, \"externalTrafficPolicy\": \"Cluster\"}}");
    Sandbox.eventually(
        "the restored Service",
        () -> {
          Service restored = get("cache-0-external");
          assertThat(restored.getSpec().getLoadBalancerSourceRanges())
              .containsExactly(INSIDE + "/32");
          assertThat(restored.getSpec().getExternalTrafficPolicy()).isEqualTo("Local");
          assertThat(
                  sandbox.client().v1().events().inNamespace(sandbox.namespace()).list().getItems())
              .filteredOn(event -> event.getReason().equals("ExternalServiceRestored"))
              .extracting(Event::getMessage)
              .anySatisfy(
                  text ->
                      assertThat(text)
                          .contains(
                              "loadBalancerSourceRanges was empty",
                              "externalTrafficPolicy was Cluster"));
        });
    Sandbox.awaitReach(inside, external(0), CONNECTED);
    assertThat(outsider.reach(external(0))).isEqualTo(TIMED_OUT);
  }

  @Test
  void lastCidrTakesTheAddressesAway() {
    apply(ZONE);
    awaitCondition("True", "ExternalRestricted");
    Server before = external(0);
    Sandbox.awaitReach(inside, before, CONNECTED);
    apply("sourceZones: []");
    awaitCondition("True", "NoCidrSource");
    assertThat(get("cache-0-external")).isNull();
    assertThat(
            sandbox
                .client()
                .secrets()
                .inNamespace(sandbox.namespace())
                .withName("cache-external-credentials")
                .get())
        .isNull();
    Sandbox.eventually(
        "the address is gone", () -> assertThat(inside.reach(before)).isNotEqualTo(CONNECTED));
    apply(ZONE);
    awaitCondition("True", "ExternalRestricted");
    Sandbox.awaitReach(inside, external(0), CONNECTED);
  }

  private Map<String, String> credentials() {
    return sandbox.secret("cache-external-credentials");
  }

  /** A server by the address in its status, with the login for clients outside. */
  private Server external(int number) {
    ServerStatus status = sandbox.get("cache").getStatus().servers().get(number);
    Map<String, String> login = credentials();
    return new Server(
        status.name(),
        status.externalAddress().orElseThrow().address().text(),
        status.externalAddress().orElseThrow().port(),
        new PlainCredentials(login.get("username"), login.get("password")));
  }

  /** A server of somebody else, with a Service of type LoadBalancer of the same name. */
  private Server open(String name, List<String> ranges) {
    Server server = new BarePods(sandbox).labelled(name, Map.of("server", name));
    return create(name, Map.of("server", name), "Local", ranges, server.login());
  }

  /** A Service of somebody else that leads to a server of the resource. */
  private Server service(String name, String trafficPolicy) {
    Map<String, String> login = credentials();
    return create(
        name,
        Map.of("statefulset.kubernetes.io/pod-name", "cache-0"),
        trafficPolicy,
        List.of(),
        new PlainCredentials(login.get("username"), login.get("password")));
  }

  private Server create(
      String name,
      Map<String, String> selector,
      String trafficPolicy,
      List<String> ranges,
      PlainCredentials login) {
    sandbox
        .client()
        .services()
        .inNamespace(sandbox.namespace())
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .withSelector(selector)
                .withExternalTrafficPolicy(trafficPolicy)
                .withAllocateLoadBalancerNodePorts(false)
                .withLoadBalancerSourceRanges(ranges)
                .addNewPort()
                .withProtocol("TCP")
                .withPort(11211)
                .endPort()
                .endSpec()
                .build())
        .create();
    Sandbox.eventually(
        "an address of " + name, () -> assertThat(ExternalAddresses.of(get(name))).isPresent());
    Server server = new Server(name, ExternalAddresses.of(get(name)).orElseThrow(), 11211, login);
    if (ranges.isEmpty() && !selector.containsValue("cache-0")) {
      Sandbox.awaitReach(outsider, server, CONNECTED);
    }
    return server;
  }

  private Service get(String name) {
    return sandbox.client().services().inNamespace(sandbox.namespace()).withName(name).get();
  }

  private void patch(String service, String patch) {
    sandbox
        .client()
        .services()
        .inNamespace(sandbox.namespace())
        .withName(service)
        .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  private void awaitCondition(String status, String reason) {
    Sandbox.eventually(
        Conditions.EXTERNAL_RESTRICTED,
        () ->
            assertThat(message(Conditions.EXTERNAL_RESTRICTED)).startsWith(status + " " + reason));
    SecureMemcached now = sandbox.get("cache");
    assertThat(now.getStatus().observedGeneration()).isEqualTo(now.getMetadata().getGeneration());
  }

  private String message(String type) {
    return Conditions.find(sandbox.get("cache").getStatus().conditions(), type)
        .filter(
            condition ->
                condition
                    .getObservedGeneration()
                    .equals(sandbox.get("cache").getMetadata().getGeneration()))
        .map(c -> c.getStatus() + " " + c.getReason() + " " + c.getMessage())
        .orElse("");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
