package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples and the install manifest, applied to a real API server as a strict dry run. */
@WithApiServer
class ExamplesIT {

  /** Groups whose CRDs are other projects': their files are only read. */
  private static final Set<String> FOREIGN =
      Set.of(
          "argoproj.io",
          "monitoring.coreos.com",
          // KustomizeIT builds these.
          "kustomize.config.k8s.io",
          "source.toolkit.fluxcd.io",
          "helm.toolkit.fluxcd.io",
          "kustomize.toolkit.fluxcd.io");

  private static KubernetesClient client;

  @BeforeAll
  static void createNamespaces(ApiServer server) {
    client = server.client();
    files()
        .flatMap(file -> Yaml.documents(Yaml.text(file)).stream())
        .map(document -> document.at("/metadata/namespace").asText())
        .filter(namespace -> !namespace.isEmpty())
        .distinct()
        .forEach(ExamplesIT::createNamespace);
  }

  static Stream<String> files() {
    return Stream.concat(
        Yaml.files("examples", ".yaml").stream()
            // Not objects: UmbrellaIT installs this chart.
            .filter(file -> !file.matches(".*/umbrella/(Chart|values)\\.yaml")),
        Stream.of("install/install.yaml"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void isAccepted(String file) {
    List<JsonNode> documents = Yaml.documents(Yaml.text(file));
    assertThat(documents).isNotEmpty();
    for (JsonNode document : documents) {
      String group = document.at("/apiVersion").asText().split("/")[0];
      // A configuration of kustomize is no object.
      if (!FOREIGN.contains(group) && !document.has("nameReference")) {
        dryRun(document);
      }
    }
  }

  @Test
  void misspelledFieldIsRefused() {
    JsonNode cache = Yaml.documents(Yaml.text("examples/minimal/cache.yaml")).getFirst();
    JsonNode misspelled =
        Yaml.documents(cache.toString().replace("sourceZones", "sourcezones")).getFirst();
    assertThatThrownBy(() -> dryRun(misspelled)).hasMessageContaining("sourcezones");
  }

  @Test
  void everyFolderOfExamplesIsExplained() {
    assertThat(Yaml.files("examples", ".yaml"))
        .extracting(file -> file.split("/")[1])
        .allSatisfy(
            folder -> {
              assertThat(Yaml.text("examples/README.md")).contains("](" + folder + ")");
              assertThat(Yaml.text("examples/" + folder + "/README.md")).isNotBlank();
            });
  }

  private static void createNamespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .createOr(existing -> existing.update());
  }

  private static void dryRun(JsonNode document) {
    GenericKubernetesResource resource =
        Serialization.unmarshal(document.toString(), GenericKubernetesResource.class);
    if (resource.getMetadata().getNamespace() == null) {
      resource.getMetadata().setNamespace("default");
    }
    client
        .resource(resource)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("examples")
                .withForce(true)
                .withDryRun(List.of("All"))
                .withFieldValidation("Strict")
                .build());
  }
}
