package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.api.v1beta1.ServerStatus;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** One server, as a careful administrator would check it after setting it up by hand. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class HardenedServerE2E {

  private static final String RESOURCE =
      """
      apiVersion: securememcached.io/v1beta1
      kind: SecureMemcached
      metadata:
        name: sessions
      spec:
        image:
          flavor: Debian12
        users:
          - name: sammy
        sourceZones:
          - name: web
            sources:
              - podSelector:
                  matchLabels:
                    app: web
      """;

  private final Sandbox sandbox;
  private String server;
  private String password;

  HardenedServerE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-hardened");
  }

  @BeforeAll
  void start() {
    sandbox.apply(RESOURCE);
    sandbox.startClient("web", Map.of("app", "web"));
    sandbox.startClient("stranger", Map.of("app", "other"));
    server = sandbox.awaitReady("sessions").getStatus().servers().getFirst().dnsName() + ":11211";
    password = sandbox.secret("sessions-credentials-sammy", "password");
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void listensOnOneTcpSocketOfThePodAddressAndOnNoUdp() {
    ServerStatus status = sandbox.get("sessions").getStatus().servers().getFirst();
    assertThat(Sockets.of(sandbox, "sessions-0")).containsExactly("tcp " + status.address());
  }

  @Test
  void saysThatSaslIsOn() {
    assertThat(
            sandbox
                .client()
                .pods()
                .inNamespace(sandbox.namespace())
                .withName("sessions-0")
                .getLog())
        .contains("Initialized SASL.");
  }

  @Test
  void refusesStatisticsWithoutALogin() {
    assertThat(sandbox.exec("web", "memcstat", "--binary", "--servers=" + server).code())
        .isEqualTo(1);
  }

  @Test
  void tellsStatisticsWithALogin() {
    Shell.Result result =
        sandbox.exec(
            "web",
            "memcstat",
            "--binary",
            "--username=sammy",
            "--password=" + password,
            "--servers=" + server);
    assertThat(result.code()).isZero();
    assertThat(result.output()).contains("pid: 1", "uptime: ", "version: 1.");
  }

  @Test
  void tellsItsVersionInTheStatus() {
    assertThat(
            sandbox
                .await(
                    "sessions",
                    resource -> !resource.getStatus().servers().getFirst().version().isEmpty())
                .getStatus()
                .servers()
                .getFirst()
                .version())
        .isEqualTo("1.6.18");
  }
}
