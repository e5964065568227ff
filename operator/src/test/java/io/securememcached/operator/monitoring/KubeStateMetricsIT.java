package io.securememcached.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Ports;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real kube-state-metrics with the configuration and the rights of the example. {@code
 * scripts/monitoring} builds it.
 */
@WithApiServer
class KubeStateMetricsIT {

  private static final String EXAMPLE = "examples/monitoring/kube-state-metrics.yaml";
  private static final String ACCOUNT = "system:serviceaccount:monitoring:kube-state-metrics";

  private static final String STATUS =
      """
      observedGeneration: 1
      replicas: 1
      image: registry.example/memcached:1
      flavor: Debian12
      pausedSince: "2026-11-28T10:00:00Z"
      conditions:
        - {type: Ready, status: "False", reason: Paused, message: m, lastTransitionTime: "2026-11-28T10:00:00Z"}
        - {type: NotExposed, status: Unknown, reason: AuditIncomplete, message: m, lastTransitionTime: "2026-11-28T10:00:00Z"}
      servers:
        - {name: cache-0, ready: true, version: 1.6.18, verifiedAt: "2026-11-28T10:00:00Z"}
        - {name: cache-1, ready: false}
      pendingUpdates:
        - {change: cacheSize, from: 64Mi, to: 128Mi, origin: Spec, servers: [cache-0]}
      credentials:
        - {user: cache, phase: Overlapping, rotatedAt: "2026-11-28T10:00:00Z"}
      """;

  @TempDir private Path folder;
  private Process process;

  @AfterEach
  void stop() {
    if (process != null) {
      process.destroy();
    }
  }

  @Test
  void stateOfAResourceIsServed(ApiServer server) throws Exception {
    List<HasMetadata> example = server.client().load(stream()).items();
    example.stream()
        .filter(object -> object.getKind().startsWith("ClusterRole"))
        .forEach(object -> server.client().resource(object).create());
    Scene scene = Scene.quiet(server);
    scene.create("cache", "{replicas: 3}");
    scene
        .resource("cache")
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            Serialization.asJson(
                Map.of("status", Serialization.unmarshal(STATUS, JsonNode.class))));

    int port = start(server, config(example));

    String at = "1.79586e+09";
    Scene.soon()
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () ->
                assertThat(lines(port, scene.namespace))
                    .containsExactlyInAnyOrder(
                        "info{flavor=\"Debian12\",image=\"registry.example/memcached:1\"} 1",
                        "generation 1",
                        "status_observed_generation 1",
                        "status_condition{status=\"True\",type=\"Ready\"} 0",
                        "status_condition{status=\"False\",type=\"Ready\"} 1",
                        "status_condition{status=\"Unknown\",type=\"Ready\"} 0",
                        "status_condition{status=\"True\",type=\"NotExposed\"} 0",
                        "status_condition{status=\"False\",type=\"NotExposed\"} 0",
                        "status_condition{status=\"Unknown\",type=\"NotExposed\"} 1",
                        "spec_replicas 3",
                        "status_replicas 1",
                        "status_server_ready{pod=\"cache-0\"} 1",
                        "status_server_ready{pod=\"cache-1\"} 0",
                        "status_server_info{pod=\"cache-0\",version=\"1.6.18\"} 1",
                        "status_server_info{pod=\"cache-1\"} 1",
                        "status_server_verified_timestamp_seconds{pod=\"cache-0\"} " + at,
                        "status_pending_update{change=\"cacheSize\",from=\"64Mi\",origin=\"Spec\",to=\"128Mi\"}"
                            + " 1",
                        "status_login_phase{phase=\"Waiting\",user=\"cache\"} 0",
                        "status_login_phase{phase=\"Delivering\",user=\"cache\"} 0",
                        "status_login_phase{phase=\"Overlapping\",user=\"cache\"} 1",
                        "status_login_phase{phase=\"Active\",user=\"cache\"} 0",
                        "status_login_phase{phase=\"Ending\",user=\"cache\"} 0",
                        "status_login_rotated_timestamp_seconds{user=\"cache\"} " + at,
                        "status_paused_timestamp_seconds " + at));
  }

  private int start(ApiServer server, String config) throws IOException, InterruptedException {
    ObjectNode kubeconfig = Serialization.unmarshal(server.kubeconfig(), ObjectNode.class);
    ((ObjectNode) kubeconfig.at("/users/0/user")).put("as", ACCOUNT);
    Files.writeString(folder.resolve("kubeconfig"), Serialization.asYaml(kubeconfig));
    Files.writeString(folder.resolve("config.yaml"), config);
    int port = Ports.free();
    process =
        new ProcessBuilder(
                Monitoring.output("kube-state-metrics").strip(),
                "--kubeconfig=" + folder.resolve("kubeconfig"),
                "--custom-resource-state-only=true",
                "--custom-resource-state-config-file=" + folder.resolve("config.yaml"),
                "--host=127.0.0.1",
                "--port=" + port,
                "--telemetry-host=127.0.0.1",
                "--telemetry-port=" + Ports.free())
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "kube-state-metrics.log").toFile())
            .start();
    return port;
  }

  private static String config(List<HasMetadata> example) {
    return example.stream()
        .filter(ConfigMap.class::isInstance)
        .map(ConfigMap.class::cast)
        .findFirst()
        .orElseThrow()
        .getData()
        .get("config.yaml");
  }

  /** The metrics of a namespace, without what all of them have. */
  private static Stream<String> lines(int port, String namespace) throws IOException {
    String common =
        "customresource_group=\"securememcached.io\",customresource_kind=\"SecureMemcached\",customresource_version=\"v1beta1\",";
    String resource = "name=\"cache\",namespace=\"" + namespace + "\"";
    try (InputStream body =
        URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith("kube_securememcached_") && line.contains(resource))
              .map(line -> line.substring("kube_securememcached_".length()))
              .map(
                  line ->
                      line.replace(common, "")
                          .replaceFirst(",?name=\"cache\"", "")
                          .replaceFirst(",?namespace=\"[^\"]*\"", ""))
              .map(line -> line.replace("{,", "{").replace("{}", ""))
              .toList()
              .stream();
    }
  }

  private static InputStream stream() throws IOException {
    return Files.newInputStream(Guarded.ROOT.resolve(EXAMPLE));
  }
}
