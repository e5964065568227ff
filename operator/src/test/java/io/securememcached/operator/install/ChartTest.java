package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Crd;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the chart keeps twice is the same, and every value is described and checked. */
class ChartTest {

  private static final String CHART = "charts/securememcached-operator/";
  private static final String TABLE_HEADING = "## Values\n\n";

  private final String values = Yaml.text(CHART + "values.yaml");
  private final List<ChartValue> described = ChartValue.of(values);

  @Test
  void crdIsTheGeneratedOne() throws IOException {
    Guarded.assertUpToDate(CHART + "files/crd.yaml", Serialization.asYaml(Crd.generate()));
  }

  @Test
  void versionsAreTheBuilds() {
    JsonNode chart = Yaml.documents(Yaml.text(CHART + "Chart.yaml")).getFirst();
    String version = "<version>" + chart.at("/appVersion").asText() + "</version>";
    assertThat(Yaml.text("pom.xml").lines().limit(12))
        .anyMatch(line -> line.strip().equals(version));
    assertThat(chart.at("/version").asText()).isEqualTo(chart.at("/appVersion").asText());
  }

  @Test
  void readmeHasTheTableOfValues() throws IOException {
    String readme = Yaml.text(CHART + "README.md");
    int table = readme.indexOf(TABLE_HEADING) + TABLE_HEADING.length();
    Guarded.assertUpToDate(
        CHART + "README.md", readme.substring(0, table) + ChartValue.table(described));
  }

  @Test
  void everyValueIsDescribed() {
    assertThat(leaves("", Yaml.documents(values).getFirst()))
        .allSatisfy(path -> assertThat(described).anyMatch(value -> value.covers(path)));
  }

  @Test
  void schemaKnowsTheDescribedValuesAndNoOthers() {
    JsonNode schema = Yaml.documents(Yaml.text(CHART + "values.schema.json")).getFirst();
    List<String> checked = closed("", schema).filter(path -> !path.equals("global")).toList();
    assertThat(checked)
        .allSatisfy(path -> assertThat(described).anyMatch(value -> value.covers(path)));
    assertThat(described).allSatisfy(value -> assertThat(checked).anyMatch(value::covers));
  }

  /** Paths of the values that have no values of their own. */
  private static Stream<String> leaves(String path, JsonNode node) {
    return node.isObject() && !node.isEmpty()
        ? Yaml.names(node).stream().flatMap(name -> leaves(join(path, name), node.get(name)))
        : Stream.of(path);
  }

  /** Paths of a schema's values; one with named values must refuse all other names. */
  private static Stream<String> closed(String path, JsonNode schema) {
    JsonNode properties = schema.path("properties");
    if (properties.isMissingNode()) {
      return Stream.of(path);
    }
    assertThat(
            schema.path("additionalProperties").isBoolean()
                && !schema.path("additionalProperties").asBoolean())
        .as("additionalProperties is false at '%s'", path)
        .isTrue();
    return Yaml.names(properties).stream()
        .flatMap(name -> closed(join(path, name), properties.get(name)));
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
