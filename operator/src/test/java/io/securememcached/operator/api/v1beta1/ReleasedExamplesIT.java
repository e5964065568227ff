package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The resources of every released version, applied to a real API server with today's CRD. */
@WithApiServer
class ReleasedExamplesIT {

  private static final String GROUP = "securememcached.io";
  private static final String EXAMPLE = "production-cache.yaml";

  static Stream<Arguments> examples() {
    return Released.versions().stream()
        .flatMap(
            version ->
                Released.applied(version).keySet().stream()
                    .map(example -> Arguments.of(version, example)));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void isAcceptedAndMeansTheSame(String version, String example, ApiServer server)
      throws IOException {
    JsonNode applied = Released.applied(version).get(example);
    JsonNode spec = dryRun(server, GROUP, applied);
    if (version.equals(Released.current()) && !Released.isReleased(version)) {
      Guarded.assertUpToDate(
          Released.FOLDER + version + "/stored/" + example, Serialization.asYaml(spec));
    }
    assertKept(applied, Released.stored(version).get(example), spec);
  }

  /** A counter-example, as the next two: a CRD that breaks the promise. */
  @Test
  void removedFieldIsFound(ApiServer server) throws IOException {
    serve(server, "removed.example", spec -> properties(spec).remove("scheduling"));
    assertThatThrownBy(() -> check(server, "removed.example"))
        .hasMessageContaining(".spec.scheduling: field not declared in schema");
  }

  @Test
  void stricterLimitIsFound(ApiServer server) throws IOException {
    serve(
        server,
        "strict.example",
        spec -> ((ObjectNode) properties(spec).get("replicas")).put("maximum", 2));
    assertThatThrownBy(() -> check(server, "strict.example"))
        .hasMessageContaining("spec.replicas in body should be less than or equal to 2");
  }

  @Test
  void changedDefaultIsFound(ApiServer server) throws IOException {
    serve(
        server,
        "changed.example",
        spec -> ((ObjectNode) properties(spec).get("threads")).put("default", 8));
    assertThatThrownBy(() -> check(server, "changed.example"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("threads");
  }

  /** As the current version has it. */
  private static void check(ApiServer server, String group) {
    String version = Released.current();
    JsonNode applied = Released.applied(version).get(EXAMPLE);
    assertKept(applied, Released.stored(version).get(EXAMPLE), dryRun(server, group, applied));
  }

  private static void assertKept(JsonNode applied, JsonNode stored, JsonNode spec) {
    if (applied.has("spec")) {
      assertThat(SchemaPromise.contains(spec, applied.get("spec")))
          .as("%s has every field of %s", spec, applied)
          .isTrue();
    }
    assertThat(SchemaPromise.contains(spec, stored))
        .as("%s has the values and defaults of %s", spec, stored)
        .isTrue();
  }

  /** The spec as it would be stored. */
  private static JsonNode dryRun(ApiServer server, String group, JsonNode applied) {
    return ServedCopy.apply(server, group + "/v1beta1", applied, true);
  }

  /** Serves a changed copy of today's CRD under another group. */
  private static void serve(ApiServer server, String group, Consumer<ObjectNode> change)
      throws IOException {
    ObjectNode crd = ServedCopy.of(group);
    JsonNode spec = crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    change.accept((ObjectNode) spec);
    ObjectNode defaults = (ObjectNode) spec.get("default");
    defaults.retain(spec.get("properties").properties().stream().map(Map.Entry::getKey).toList());
    server.serve(ServedCopy.typed(crd));
  }

  private static ObjectNode properties(ObjectNode spec) {
    return (ObjectNode) spec.get("properties");
  }
}
