package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that kustomize changes are changed where a SecureMemcached refers to them, by kubectl. */
@WithApiServer
class KustomizeIT {

  private static final String EXAMPLE = "examples/kustomize";

  /** With each kind of reference, and with a pull Secret. */
  private static final String OVERLAY =
      """
      apiVersion: kustomize.config.k8s.io/v1beta1
      kind: Kustomization
      namePrefix: prod-
      resources: [cache.yaml]
      secretGenerator:
        - {name: login, literals: [username=reports-1, password=only-for-this-test-0123456789], options: {labels: {securememcached.io/login-for: sessions}}}
        - {name: registry, type: kubernetes.io/dockerconfigjson, literals: ['.dockerconfigjson={"auths": {}}']}
      configMapGenerator:
        - {name: networks, literals: [cidrs=10.0.4.0/24], options: {labels: {securememcached.io/cidrs: ''}}}
      """;

  private static final String CACHE =
      """
      apiVersion: securememcached.io/v1beta1
      kind: SecureMemcached
      metadata: {name: sessions}
      spec:
        replicas: 0
        image: {reference: registry.example/memcached:1, pullSecrets: [{name: registry}]}
        users: [{name: web}, {name: reports, secret: {name: login}}]
        sourceZones: [{name: office, sources: [{cidrsFrom: {configMap: networks}}, {cidr: 10.0.5.0/24}]}]
      """;

  private final ApiServer server;
  private final Path folder;

  KustomizeIT(ApiServer server, @TempDir Path folder) {
    this.server = server;
    this.folder = folder;
  }

  @Test
  void exampleRefersToTheGeneratedNames() throws IOException {
    assertReferences(build(Guarded.ROOT.resolve(EXAMPLE)));
  }

  /** What the operator makes of the same: a login, and a list. */
  @Test
  void operatorFindsWhatTheComponentNames() throws IOException {
    List<JsonNode> objects = overlay("components: [name-references]");
    assertReferences(objects);
    assertThat(Yaml.find(objects, "SecureMemcached", "prod-sessions").at("/spec/image/pullSecrets"))
        .singleElement()
        .satisfies(pull -> assertThat(pull.at("/name").asText()).startsWith("prod-registry-"));
    try (Scene scene = Scene.operated(server)) {
      apply(scene, objects);
      scene.settled("prod-sessions");
      scene.condition("prod-sessions", Conditions.CREDENTIALS_READY, "Applied");
      scene.condition("prod-sessions", Conditions.NETWORK_POLICIES_APPLIED, "Applied");
    }
  }

  /** The counter-example. */
  @Test
  void withoutTheComponentNeitherIsFound() throws IOException {
    List<JsonNode> objects = overlay("");
    JsonNode cache = Yaml.find(objects, "SecureMemcached", "prod-sessions");
    assertThat(cache.at("/spec/users/1/secret/name").asText()).isEqualTo("login");
    assertThat(cache.at("/spec/image/pullSecrets/0/name").asText()).isEqualTo("registry");
    try (Scene scene = Scene.operated(server)) {
      apply(scene, objects);
      scene.condition("prod-sessions", Conditions.CREDENTIALS_READY, "CredentialsUnusable");
      scene.condition("prod-sessions", Conditions.NETWORK_POLICIES_APPLIED, "SourceListUnusable");
    }
  }

  private static void assertReferences(List<JsonNode> objects) {
    JsonNode cache = Yaml.find(objects, "SecureMemcached", "prod-sessions");
    JsonNode login = only(objects, "Secret", "login");
    assertThat(cache.at("/spec/users/1/secret/name").asText())
        .startsWith("prod-")
        .isEqualTo(login.at("/metadata/name").asText());
    assertThat(login.at("/metadata/labels/securememcached.io~1login-for").asText())
        .isEqualTo("prod-sessions");
    assertThat(cache.at("/spec/sourceZones/0/sources/0/cidrsFrom/configMap").asText())
        .startsWith("prod-")
        .isEqualTo(only(objects, "ConfigMap", "networks").at("/metadata/name").asText());
  }

  private static JsonNode only(List<JsonNode> objects, String kind, String part) {
    return objects.stream()
        .filter(object -> object.at("/kind").asText().equals(kind))
        .filter(object -> object.at("/metadata/name").asText().contains(part))
        .findFirst()
        .orElseThrow();
  }

  private List<JsonNode> overlay(String components) throws IOException {
    Files.writeString(folder.resolve("kustomization.yaml"), OVERLAY + components + "\n");
    Files.writeString(folder.resolve("cache.yaml"), CACHE);
    Path component = Files.createDirectory(folder.resolve("name-references"));
    for (String file : Yaml.files(EXAMPLE + "/name-references", ".yaml")) {
      Path source = Guarded.ROOT.resolve(file);
      Files.copy(source, component.resolve(source.getFileName()));
    }
    return build(folder);
  }

  private List<JsonNode> build(Path kustomization) throws IOException {
    ApiServer.Output built = server.kubectl("", "kustomize", kustomization.toString());
    assertThat(built.code()).as(built.text()).isZero();
    return Yaml.documents(built.text());
  }

  private void apply(Scene scene, List<JsonNode> objects) throws IOException {
    for (JsonNode object : objects) {
      ApiServer.Output applied =
          server.kubectl(object.toString(), "apply", "--namespace", scene.namespace, "-f", "-");
      assertThat(applied.code()).as(applied.text()).isZero();
    }
  }
}
