package io.securememcached.operator.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the kubelet's probes ask, of an operator on a real API server. */
@WithApiServer
class HealthIT {

  /** Less than the minute that the probe gives it, and that the API server's bookmarks take. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @Test
  void operatorWithNothingToDoIsAliveAndReady(ApiServer server) {
    try (TestingOperator operator = TestingOperator.start(server, server.newNamespace())) {
      assertThat(operator.get("readyz")).isEqualTo("ok\n");
      await()
          .atMost(DEADLINE)
          .untilAsserted(() -> assertThat(operator.get("livez")).isEqualTo("ok\n"));
    }
  }
}
