package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Released;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code helm upgrade} from each released chart can work: its values are accepted, its objects have
 * their names, and no field differs that Kubernetes does not change. UpgradeRun does it for real.
 */
class ReleasedChartIT {

  /** What can't be changed in an object, by its kind. */
  private static final Map<String, String> IMMUTABLE =
      Map.of(
          "Deployment",
          "/spec/selector/matchLabels",
          "RoleBinding",
          "/roleRef",
          "ClusterRoleBinding",
          "/roleRef");

  private static Helm helm;

  @BeforeAll
  static void findHelm() {
    helm = new Helm();
  }

  static Iterable<String> versions() {
    return Released.versions();
  }

  /** Until the release, {@code -Dupdate} writes its files. */
  @Test
  void filesOfTheNextReleaseAreWritten() throws IOException {
    String version = Released.current();
    if (System.getProperty("update") != null && !Released.isReleased(version)) {
      Guarded.assertUpToDate(valuesOf(version), Chart.OPERATOR.valuesYaml());
      Guarded.assertUpToDate(
          objectsOf(version), Serialization.asYaml(objects(rendered(valuesOf(version)))));
    }
    assertThat(Yaml.text(valuesOf(version))).isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void objectsKeepTheirNamesAndWhatIsImmutable(String version) {
    JsonNode released = Yaml.documents(Yaml.text(objectsOf(version))).getFirst();
    assertThat(released).isNotEmpty();
    assertKept(released, objects(rendered(valuesOf(version))));
  }

  /** The counter-examples: a new label in a selector, and another name. */
  @Test
  void otherSelectorOrNameIsFound() {
    String version = Released.versions().getLast();
    JsonNode released = Yaml.documents(Yaml.text(objectsOf(version))).getFirst();
    Map<String, JsonNode> today = objects(rendered(valuesOf(version)));
    Map<String, JsonNode> other = new TreeMap<>(today);
    String deployment = "Deployment securememcached-operator";
    other.put(deployment, Yaml.documents("{tier: cache}").getFirst());
    assertThatThrownBy(() -> assertKept(released, other)).hasMessageContaining(deployment);
    other.remove(deployment);
    assertThatThrownBy(() -> assertKept(released, other)).hasMessageContaining(deployment);
    assertThat(helm.template("--set=defaultFlavour=Debian12").code()).isNotZero();
  }

  private static void assertKept(JsonNode released, Map<String, JsonNode> today) {
    released
        .properties()
        .forEach(
            object ->
                assertThat(today.get(object.getKey()))
                    .as(object.getKey())
                    .isEqualTo(object.getValue()));
  }

  private static Map<String, JsonNode> objects(String rendered) {
    Map<String, JsonNode> objects = new TreeMap<>();
    for (JsonNode object : Yaml.documents(rendered)) {
      String kind = object.at("/kind").asText();
      objects.put(
          kind + " " + object.at("/metadata/name").asText(),
          IMMUTABLE.containsKey(kind)
              ? object.at(IMMUTABLE.get(kind))
              : JsonNodeFactory.instance.objectNode());
    }
    return objects;
  }

  private static String rendered(String values) {
    Helm.Result result = helm.template("--skip-tests", "--values", values);
    assertThat(result.code()).as(result.output()).isZero();
    return result.output();
  }

  private static String valuesOf(String version) {
    return Released.FOLDER + version + "/values.yaml";
  }

  private static String objectsOf(String version) {
    return Released.FOLDER + version + "/objects.yaml";
  }
}
