package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The way from v1beta1 to v1 of docs/api-promise.md, with its commands, on a copy of the CRD. */
@WithApiServer
class NextVersionIT {

  private static final String GROUP = "next.example";
  private static final String BETA = GROUP + "/v1beta1";
  private static final String STABLE = GROUP + "/v1";

  @Test
  void resourcesGetToTheNextVersionWithoutLoss(ApiServer server) throws IOException {
    server.serve(ServedCopy.typed(ServedCopy.of(GROUP)));
    Map<String, JsonNode> specs = new TreeMap<>();
    for (Map.Entry<String, JsonNode> file : Released.applied(Released.current()).entrySet()) {
      String name = file.getKey().replace(".yaml", "");
      ((ObjectNode) file.getValue().get("metadata")).put("name", name);
      specs.put(name, ServedCopy.apply(server, BETA, file.getValue(), false));
    }

    // Both versions are served, the old one is stored, then the new one.
    update(server, "v1beta1", "v1beta1", "v1");
    Scene.soon().ignoreExceptions().untilAsserted(() -> assertStored(server, STABLE, specs));
    update(server, "v1", "v1beta1", "v1");
    assertStored(server, STABLE, specs);
    assertStored(server, BETA, specs);
    assertThatThrownBy(() -> update(server, "v1", "v1"))
        .as("before the objects are stored in the new version")
        .hasMessageContaining(
            "missing from spec.versions; v1beta1 was previously a storage version");

    Map<String, String> before = versions(server);
    ApiServer.Output output = server.shell(commands());
    assertThat(output.code()).as(output.text()).isZero();
    assertThat(versions(server).values())
        .as("every object was written")
        .doesNotContainAnyElementsOf(before.values());
    assertStored(server, BETA, specs);
    update(server, "v1", "v1");
    assertStored(server, STABLE, specs);
  }

  /** The commands of the page, for the group of the copy. */
  private static String commands() throws IOException {
    List<String> commands =
        Files.readAllLines(Guarded.ROOT.resolve("docs/api-promise.md")).stream()
            .filter(line -> line.startsWith("    kubectl "))
            .map(line -> line.strip().replace(".securememcached.io", "." + GROUP))
            .toList();
    assertThat(commands).hasSize(2);
    return String.join("\n", commands);
  }

  /** Replaces the CRD by one with these versions, which all have today's schema. */
  private static void update(ApiServer server, String stored, String... served) throws IOException {
    ObjectNode crd = ServedCopy.of(GROUP);
    ArrayNode versions = (ArrayNode) crd.at("/spec/versions");
    JsonNode today = versions.remove(0);
    for (String name : served) {
      ObjectNode version = today.deepCopy();
      version.put("name", name).put("storage", name.equals(stored));
      versions.add(version);
    }
    server.client().resource(ServedCopy.typed(crd)).update();
  }

  private static void assertStored(
      ApiServer server, String apiVersion, Map<String, JsonNode> specs) {
    Map<String, JsonNode> seen = new TreeMap<>();
    for (GenericKubernetesResource resource : list(server, apiVersion)) {
      seen.put(resource.getMetadata().getName(), ServedCopy.spec(resource));
    }
    assertThat(seen).isEqualTo(specs);
  }

  private static Map<String, String> versions(ApiServer server) {
    Map<String, String> versions = new TreeMap<>();
    for (GenericKubernetesResource resource : list(server, STABLE)) {
      versions.put(resource.getMetadata().getName(), resource.getMetadata().getResourceVersion());
    }
    return versions;
  }

  private static List<GenericKubernetesResource> list(ApiServer server, String apiVersion) {
    return server
        .client()
        .genericKubernetesResources(apiVersion, "SecureMemcached")
        .inNamespace("default")
        .list()
        .getItems();
  }
}
