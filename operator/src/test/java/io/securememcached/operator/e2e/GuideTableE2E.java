package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFindsFault;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.securememcached.operator.memcached.RealMemcached;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The table of what the operator does in place of the steps by hand, row by row: each check passes
 * on the operator's server and fails on one that is set up wrongly.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class GuideTableE2E {

  private final Sandbox sandbox;
  private final BarePods bare;
  private Checks checks;
  private Place stranger;
  private Server server;
  private Server withoutSasl;

  GuideTableE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-guide");
    bare = new BarePods(sandbox);
  }

  @BeforeAll
  void start() {
    Figure figure = Figure.of("one server from apply to Ready");
    sandbox.apply(
        "sessions",
        """
        users:
          - name: sammy
        sourceZones:
          - name: web
            sources:
              - podSelector:
                  matchLabels:
                    app: web
        """);
    sandbox.awaitReady("sessions");
    figure.done();
    checks = new Checks(sandbox, sandbox.client("web", Map.of("app", "web")));
    stranger = sandbox.client("stranger", Map.of("app", "other"));
    server = sandbox.server("sessions-0", "sessions-credentials-sammy");
    withoutSasl = bare.withoutSasl("without-sasl");
    Sandbox.awaitReach(checks.client(), server, Place.Reach.CONNECTED);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void netstatShowsTheWantedAddressesAlone() {
    checks.listensOnPodAddressAndLoopback(server);
    assertFindsFault(checks::listensOnPodAddressAndLoopback, bare.listensOn("all", "0.0.0.0"));
    assertFindsFault(
        checks::listensOnPodAddressAndLoopback,
        bare.listensOn("third", "$(POD_IP),127.0.0.1,127.0.0.2"));
  }

  @Test
  void udpIsOff() {
    Server withUdp = bare.withUdp("with-udp");
    checks.answersNoUdp(server);
    assertFindsFault(checks::answersNoUdp, withUdp);
    assertFindsFault(checks::listensOnPodAddressAndLoopback, withUdp);
  }

  @Test
  void saslIsInitialised() {
    // The node may bring the log later than the server is ready.
    Sandbox.eventually("the server's log", () -> checks.saysThatSaslIsOn(server));
    assertFindsFault(checks::saysThatSaslIsOn, withoutSasl);
  }

  /** The counter-example is a server of this machine, whose packages bring all mechanisms. */
  @Test
  void mechanismListIsPlainAlone(@TempDir Path emptySaslDirectory) throws Exception {
    try (Relay relay = new Relay(checks.client(), server)) {
      Checks.offersPlainAlone(relay.address());
    }
    try (RealMemcached withoutConfiguration = RealMemcached.start(emptySaslDirectory)) {
      assertThatThrownBy(() -> Checks.offersPlainAlone(withoutConfiguration.address()))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("ANONYMOUS");
    }
  }

  @Test
  void memstatWithoutLoginExitsWithOne() {
    checks.refusesStatisticsWithoutLogin(server);
    assertFindsFault(checks::refusesStatisticsWithoutLogin, withoutSasl);
  }

  @Test
  void memstatWithLoginPrintsPidUptimeAndVersion() {
    checks.tellsStatisticsWithLogin(server);
    assertFindsFault(checks::tellsStatisticsWithLogin, bare.withoutLogins("without-logins"));
  }

  @Test
  void zoneLetsTheNamedSourceIn() {
    Map<String, String> label = Map.of("set-up", "without-zone");
    sandbox
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(sandbox.namespace())
        .resource(
            new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName("without-zone")
                .endMetadata()
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(label)
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .endSpec()
                .build())
        .create();
    checks.letsClientIn(server);
    assertFindsFault(checks::letsClientIn, bare.labelled("without-zone", label));
  }

  @Test
  void defaultZoneDropsTheRest() {
    checks.keepsOut(stranger, server);
    assertFindsFault(open -> checks.keepsOut(stranger, open), withoutSasl);
  }
}
