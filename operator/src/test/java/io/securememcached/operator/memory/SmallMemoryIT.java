package io.securememcached.operator.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.process.OperatorJvm;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Ports;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A memory limit that is too small for the resources that there are. */
@WithApiServer
class SmallMemoryIT {

  /** Enough for the operator itself, and not for what it is given to keep. */
  private static final String[] MEMORY = {
    "-Xmx48m", "-XX:+UseSerialGC", "-XX:MaxNewSize=12m", "-XX:+ExitOnOutOfMemoryError"
  };

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final ApiServer server;
  private final String namespace;

  SmallMemoryIT(ApiServer server) {
    this.server = server;
    namespace = server.newNamespace();
  }

  /** The API server has no garbage collector, and later tests list all namespaces. */
  @AfterEach
  void deleteAll() {
    server.client().resources(SecureMemcached.class).inNamespace(namespace).delete();
    server.client().services().inNamespace(namespace).delete();
    server.client().secrets().inNamespace(namespace).delete();
  }

  @Test
  void operatorStaysAndSaysSo() throws Exception {
    int port = Ports.free();
    try (OperatorJvm operator = start(800, port)) {
      awaitStopped(operator, port);
      assertThat(get(port, "readyz")).contains("with 800 resources");
      assertThat(get(port, "livez")).as("no restart would help").isEqualTo("200 ok\n");
    }
  }

  private static void awaitStopped(OperatorJvm operator, int port) {
    await()
        .atMost(DEADLINE)
        .failFast(() -> assertThat(operator.isAlive()).as("%s", operator.log()).isTrue())
        .until(() -> operator.log().contains("ERROR OperatorProcess - Stopped: "));
    await()
        .atMost(DEADLINE)
        .untilAsserted(
            () ->
                assertThat(get(port, "readyz"))
                    .startsWith("503 not ok\nThe operator's memory limit is too small: ")
                    .contains("Raise resources.limits.memory"));
  }

  /** Nothing bounds the number of objects with the operator's label. */
  @Test
  void plantedObjectsThatFillAStartAreNoCrash() throws Exception {
    String content = Base64.getEncoder().encodeToString(new byte[44 * 1024]);
    IntStream.range(0, 600)
        .parallel()
        .forEach(
            i ->
                server
                    .client()
                    .resource(
                        new SecretBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName("planted-" + i)
                            .addToLabels("app.kubernetes.io/managed-by", "securememcached-operator")
                            .endMetadata()
                            .withType("servicebinding.io/memcached")
                            .addToData("memcached-sasldb2", content)
                            .build())
                    .create());
    int port = Ports.free();
    try (OperatorJvm operator =
        OperatorJvm.start(
            server.kubeconfig(),
            Map.of("WATCH_NAMESPACES", namespace, "HEALTH_PORT", Integer.toString(port)),
            MEMORY)) {
      awaitStopped(operator, port);
    }
  }

  /** The counter-example. */
  @Test
  void operatorOfFewResourcesWorks() throws Exception {
    int port = Ports.free();
    try (OperatorJvm operator = start(10, port)) {
      await()
          .atMost(DEADLINE)
          .failFast(() -> assertThat(operator.isAlive()).as("%s", operator.log()).isTrue())
          .untilAsserted(
              () ->
                  assertThat(operator.log().split("kind=StatefulSet"))
                      .as("%s", operator.log())
                      .hasSizeGreaterThan(10));
      assertThat(get(port, "readyz")).isEqualTo("200 ok\n");
      assertThat(operator.log()).doesNotContain("memory limit");
    }
  }

  private OperatorJvm start(int resources, int port) {
    IntStream.range(0, resources)
        .parallel()
        .forEach(
            i ->
                server
                    .client()
                    .resource(
                        """
                        apiVersion: securememcached.io/v1beta1
                        kind: SecureMemcached
                        metadata: {name: cache-%d}
                        spec: {replicas: 0}
                        """
                            .formatted(i))
                    .inNamespace(namespace)
                    .create());
    return OperatorJvm.start(
        server.kubeconfig(),
        Map.of("WATCH_NAMESPACES", namespace, "HEALTH_PORT", Integer.toString(port)),
        MEMORY);
  }

  private static String get(int port, String path) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + path)).build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    }
  }
}
