package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Today's CRD keeps what docs/api-promise.md promises to users of each released version. */
class ReleasedSchemaTest {

  /** New rules on old fields that refuse nothing that was valid, such as one about a new field. */
  private static final Set<String> REVIEWED_RULES = Set.of();

  private static final String SCALED = "/subresources/scale";

  static List<String> versions() {
    return Released.versions();
  }

  /** A release adds its folder; until then the folder follows the examples and the CRD. */
  @Test
  void currentVersionIsRecorded() throws IOException {
    String version = Released.current();
    if (!Released.isReleased(version)) {
      String folder = Released.FOLDER + version;
      Guarded.assertUpToDate(folder + "/crd.yaml", Serialization.asYaml(Crd.generate()));
      for (Map.Entry<String, String> example : Released.examples().entrySet()) {
        Guarded.assertUpToDate(folder + "/applied/" + example.getKey(), example.getValue());
      }
      assertThat(Released.applied(version)).hasSameSizeAs(Released.examples());
    }
    assertThat(Released.versions()).contains(version);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void noPromiseIsBroken(String released) {
    JsonNode before = crd(Released.crd(released));
    JsonNode now = today();
    assertThat(now.at("/spec/group")).isEqualTo(before.at("/spec/group"));
    assertThat(now.at("/spec/scope")).isEqualTo(before.at("/spec/scope"));
    assertThat(SchemaPromise.contains(now.at("/spec/names"), before.at("/spec/names"))).isTrue();
    assertThat(version(now).get("served").asBoolean()).isTrue();
    assertThat(version(now).at(SCALED)).isEqualTo(version(before).at(SCALED));
    assertThat(broken(before, now)).isEmpty();
  }

  @Test
  void brokenPromisesAreFound() {
    assertThat(after(spec -> properties(spec).remove("verbosity")))
        .contains(".spec.verbosity: removed");
    assertThat(after(spec -> field(spec, "threads").put("default", 8)))
        .containsExactly(".spec.threads: default is 8 and was 4");
    assertThat(after(spec -> field(spec, "threads").put("maximum", 32)))
        .containsExactly(".spec.threads: maximum is 32 and was 64");
    assertThat(after(spec -> field(spec, "threads").put("minimum", 2)))
        .containsExactly(".spec.threads: minimum is 2 and was 1");
    assertThat(after(spec -> field(spec, "users").put("maxItems", 8)))
        .containsExactly(".spec.users: maxItems is 8 and was 16");
    assertThat(after(spec -> field(spec, "listen").put("type", "integer")))
        .containsExactly(".spec.listen: type is \"integer\" and was \"string\"");
    assertThat(after(spec -> ((ArrayNode) field(spec, "listen").get("enum")).remove(0)))
        .containsExactly(".spec.listen: enum is [\"PodIP\"] and was [\"Loopback\",\"PodIP\"]");
    assertThat(after(spec -> spec.putArray("required").add("users")))
        .containsExactly(".spec: new required users");
    assertThat(after(spec -> field(spec, "cacheSize").put("pattern", "^64Mi$")))
        .containsExactly(".spec.cacheSize: pattern is \"^64Mi$\" and was null");
    assertThat(after(ReleasedSchemaTest::addRule))
        .containsExactly(".spec: new rule has(self.users)");
  }

  @Test
  void additionsAndLooserLimitsBreakNothing() {
    assertThat(
            after(
                spec -> {
                  properties(spec).putObject("tls").put("type", "boolean").put("default", false);
                  ((ObjectNode) spec.get("default")).put("tls", false);
                  field(spec, "threads").put("maximum", 128);
                  field(spec, "users").remove("maxItems");
                  ((ArrayNode) field(spec, "listen").get("enum")).add("Socket");
                  field(spec, "listen").put("description", "Elsewhere.");
                }))
        .isEmpty();
    JsonNode now = today();
    JsonNode ruled = today();
    addRule((ObjectNode) schema(ruled).at("/properties/spec"));
    assertThat(SchemaPromise.broken(schema(now), schema(ruled), Set.of("has(self.users)")))
        .as("a reviewed rule")
        .isEmpty();
  }

  private static void addRule(ObjectNode spec) {
    spec.withArray("x-kubernetes-validations").addObject().put("rule", "has(self.users)");
  }

  /** What is broken after a change of today's spec. */
  private static List<String> after(Consumer<ObjectNode> change) {
    JsonNode changed = today();
    change.accept((ObjectNode) schema(changed).at("/properties/spec"));
    return broken(today(), changed);
  }

  private static List<String> broken(JsonNode before, JsonNode now) {
    return SchemaPromise.broken(schema(before), schema(now), REVIEWED_RULES);
  }

  private static ObjectNode properties(ObjectNode spec) {
    return (ObjectNode) spec.get("properties");
  }

  private static ObjectNode field(ObjectNode spec, String name) {
    return (ObjectNode) properties(spec).get(name);
  }

  private static JsonNode today() {
    return crd(Serialization.asYaml(Crd.generate()));
  }

  private static JsonNode crd(String yaml) {
    return KubectlYaml.documents(yaml).getFirst();
  }

  private static JsonNode schema(JsonNode crd) {
    return version(crd).at("/schema/openAPIV3Schema");
  }

  private static JsonNode version(JsonNode crd) {
    return crd.at("/spec/versions")
        .valueStream()
        .filter(version -> version.get("name").asText().equals("v1beta1"))
        .findFirst()
        .orElseThrow();
  }
}
