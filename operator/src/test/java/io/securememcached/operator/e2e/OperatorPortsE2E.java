package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who gets in to the operator's own ports, installed with its chart. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class OperatorPortsE2E {

  private final Sandbox sandbox;
  private final Installation installation;

  OperatorPortsE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    sandbox = new Sandbox(cluster, installation, "e2e-ports");
  }

  @BeforeAll
  void startStranger() {
    sandbox.client("stranger", Map.of("app", "prometheus"));
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void strangerReachesNeitherMetricsNorHealth() {
    for (int port : new int[] {8080, 8081}) {
      Shell.Result result = connect(installation.address(), port);
      assertThat(result.code()).as("port %d: %s", port, result).isNotZero();
    }
  }

  /** The counter-example: the same way leads somewhere where nothing is in between. */
  @Test
  void strangerReachesItsDns() {
    String dns =
        sandbox
            .client()
            .services()
            .inNamespace("kube-system")
            .withName("kube-dns")
            .get()
            .getSpec()
            .getClusterIP();
    Shell.Result result = connect(dns, 53);
    assertThat(result.code()).as("%s", result).isZero();
  }

  /** Its pod is let in to the metrics. */
  @Test
  void helmTestPasses() {
    assertThat(
            installation.helm("test", Installation.RELEASE, "--namespace", Installation.NAMESPACE))
        .contains("Succeeded");
  }

  private Shell.Result connect(String address, int port) {
    return sandbox
        .in("stranger")
        .run("timeout", "3", "bash", "-c", "exec 3<>/dev/tcp/%s/%d".formatted(address, port));
  }
}
