package io.securememcached.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What tenants write of each watched kind, as large as the API server takes it, in front of an
 * operator with the heap that the chart gives it.
 */
@WithApiServer
class FloodIT {

  /** 40 % of the chart's limit of 192Mi. */
  private static final String HEAP = "-Xmx77m";

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private static final Map<String, String> OPERATORS =
      Map.of("app.kubernetes.io/managed-by", "securememcached-operator");

  /** What an annotation may have at most, of characters that don't compress. */
  private static final String LARGE = text(250_000);

  private final ApiServer server;
  private final KubernetesClient client;

  FloodIT(ApiServer server) {
    this.server = server;
    client = server.client();
  }

  @Test
  void operatorOutlivesIt(@TempDir Path folder) throws Exception {
    String namespace = server.newNamespace();
    secrets(namespace);
    KINDS.forEach(kind -> flood(namespace, kind, 60));
    Path log = folder.resolve("log");
    Process operator = start(namespace, folder, log);
    try {
      await()
          .atMost(DEADLINE)
          .until(() -> !operator.isAlive() || Files.readString(log).contains("Started"));
      create(namespace, "cache");
      awaitServers(namespace, "cache", operator, log);
      // Events bring as much as lists do.
      KINDS.forEach(kind -> flood(namespace, kind, 20));
      create(namespace, "later");
      awaitServers(namespace, "later", operator, log);
    } finally {
      operator.destroy();
      operator.waitFor();
      KINDS.forEach(
          kind ->
              client
                  .resources(kind.apply(new ObjectMeta()).getClass())
                  .inNamespace(namespace)
                  .delete());
      client.secrets().inNamespace(namespace).delete();
    }
  }

  private void awaitServers(String namespace, String name, Process operator, Path log) {
    await()
        .atMost(DEADLINE)
        .untilAsserted(
            () -> {
              assertThat(operator.isAlive()).as("%s", tail(log)).isTrue();
              assertThat(
                      client
                          .resources(StatefulSet.class)
                          .inNamespace(namespace)
                          .withName(name)
                          .get())
                  .isNotNull();
            });
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  private Process start(String namespace, Path folder, Path log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:MaxNewSize=12m",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
    environment.put("WATCH_NAMESPACES", namespace);
    environment.put(
        "KUBECONFIG",
        Files.writeString(folder.resolve("kubeconfig"), server.kubeconfig()).toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private void create(String namespace, String name) {
    client
        .resource(
            """
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: %s}
            spec: {replicas: 0}
            """
                .formatted(name))
        .inNamespace(namespace)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("test")
                .build());
  }

  /** 25 of 1,000 KiB each, in the two forms that the operator's own have. */
  private void secrets(String namespace) {
    String content =
        Base64.getEncoder().encodeToString(text(1_000 * 1024).getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 25; i++) {
      client
          .resource(
              new SecretBuilder()
                  .withNewMetadata()
                  .withNamespace(namespace)
                  .withName("flood-" + i)
                  .withLabels(OPERATORS)
                  .endMetadata()
                  .withType(i % 2 == 0 ? "Opaque" : "servicebinding.io/memcached")
                  .addToData(i % 2 == 0 ? "f" : "memcached-sasldb2", content)
                  .build())
          .create();
    }
  }

  private static final List<Function<ObjectMeta, HasMetadata>> KINDS =
      List.of(
          meta ->
              new ServiceBuilder()
                  .withMetadata(meta)
                  .withNewSpec()
                  .addNewPort()
                  .withPort(80)
                  .endPort()
                  .endSpec()
                  .build(),
          meta ->
              new NetworkPolicyBuilder()
                  .withMetadata(meta)
                  .withNewSpec()
                  .withNewPodSelector()
                  .endPodSelector()
                  .endSpec()
                  .build(),
          meta ->
              new IngressBuilder()
                  .withMetadata(meta)
                  .withNewSpec()
                  .withNewDefaultBackend()
                  .withNewService()
                  .withName("any")
                  .withNewPort()
                  .withNumber(80)
                  .endPort()
                  .endService()
                  .endDefaultBackend()
                  .endSpec()
                  .build(),
          meta ->
              new EndpointSliceBuilder()
                  .withMetadata(meta)
                  .withAddressType("IPv4")
                  .withEndpoints(List.of())
                  .build(),
          meta -> new ServiceAccountBuilder().withMetadata(labelled(meta)).build(),
          meta ->
              new PodDisruptionBudgetBuilder()
                  .withMetadata(labelled(meta))
                  .withNewSpec()
                  .withNewMaxUnavailable(1)
                  .withNewSelector()
                  .endSelector()
                  .endSpec()
                  .build(),
          meta ->
              new PodBuilder()
                  .withMetadata(labelled(meta))
                  .withNewSpec()
                  .addNewContainer()
                  .withName("any")
                  .withImage("any")
                  .endContainer()
                  .endSpec()
                  .build());

  private static ObjectMeta labelled(ObjectMeta meta) {
    return new ObjectMetaBuilder(meta)
        .addToLabels(OPERATORS)
        .addToLabels("securememcached.io/server-of", "cache")
        .build();
  }

  private void flood(String namespace, Function<ObjectMeta, HasMetadata> kind, int count) {
    for (int i = 0; i < count; i++) {
      client
          .resource(
              kind.apply(
                  new ObjectMetaBuilder()
                      .withNamespace(namespace)
                      .withGenerateName("flood-")
                      .withAnnotations(Map.of("example.com/large", LARGE))
                      .build()))
          .create();
    }
  }

  private static String text(int length) {
    return new Random(1)
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}
