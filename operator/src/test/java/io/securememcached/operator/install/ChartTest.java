package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Crd;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the charts keep twice is the same, and every value is described and checked. */
class ChartTest {

  private static final String TABLE_HEADING = "## Values\n\n";

  /** Values that Helm and a chart above set, and this one does not read. */
  private static final Set<String> OF_A_DEPENDENCY = Set.of("global", "enabled");

  /** Holds values for all charts of a release, so it has names that this one does not know. */
  private static final String SHARED = "global";

  private static final String BLOB = "/blob/main/";

  @ParameterizedTest
  @EnumSource
  void crdIsTheGeneratedOne(Chart chart) throws IOException {
    Guarded.assertUpToDate(chart.folder() + "files/crd.yaml", Serialization.asYaml(Crd.generate()));
  }

  /** So {@code kubectl apply} works without {@code --server-side}, too. */
  @Test
  void crdFitsIntoAnAnnotation() {
    String crd = KubectlYaml.json(Yaml.text(Chart.CRDS.folder() + "files/crd.yaml"));
    assertThat(crd).hasSizeBetween(1, 256 * 1024);
  }

  @ParameterizedTest
  @EnumSource
  void versionsAreTheBuilds(Chart chart) {
    JsonNode metadata = chart.metadata();
    String version = "<version>" + metadata.at("/appVersion").asText() + "</version>";
    assertThat(Yaml.text("pom.xml").lines().limit(12))
        .anyMatch(line -> line.strip().equals(version));
    assertThat(metadata.at("/version").asText()).isEqualTo(metadata.at("/appVersion").asText());
    assertThat(metadata.at("/kubeVersion")).isEqualTo(Chart.OPERATOR.metadata().at("/kubeVersion"));
  }

  @ParameterizedTest
  @EnumSource
  void readmeHasTheTableOfValues(Chart chart) throws IOException {
    String readme = Yaml.text(chart.folder() + "README.md");
    int table = readme.indexOf(TABLE_HEADING) + TABLE_HEADING.length();
    Guarded.assertUpToDate(
        chart.folder() + "README.md",
        readme.substring(0, table) + ChartValue.table(chart.described()));
  }

  @ParameterizedTest
  @EnumSource
  void everyValueIsDescribed(Chart chart) {
    assertThat(leaves("", Yaml.documents(chart.valuesYaml()).getFirst()))
        .allSatisfy(path -> assertThat(chart.described()).anyMatch(value -> value.covers(path)));
  }

  @ParameterizedTest
  @EnumSource
  void schemaKnowsTheDescribedValuesAndNoOthers(Chart chart) {
    List<String> checked =
        closed("", schema(chart)).filter(path -> !OF_A_DEPENDENCY.contains(path)).toList();
    assertThat(checked)
        .allSatisfy(path -> assertThat(chart.described()).anyMatch(value -> value.covers(path)));
    assertThat(chart.described()).allSatisfy(value -> assertThat(checked).anyMatch(value::covers));
  }

  /** Helm drops a value that is null, and {@code --reuse-values} lacks those of a newer chart. */
  @ParameterizedTest
  @EnumSource
  void everyValueIsRequired(Chart chart) {
    assertThat(optional(chart, schema(chart))).isEmpty();
  }

  /** The counter-example: a schema that requires no value below {@code crds}. */
  @Test
  void optionalValueIsFound() {
    JsonNode schema = schema(Chart.OPERATOR);
    ((ObjectNode) schema.at("/properties/crds")).remove("required");
    assertThat(optional(Chart.OPERATOR, schema)).containsExactly("crds.install", "crds.keep");
  }

  /** Artifact Hub scans these images; without the list it would guess them. */
  @Test
  void artifactHubKnowsTheImages() {
    JsonNode values = Yaml.documents(Chart.OPERATOR.valuesYaml()).getFirst();
    String operator =
        values.at("/image/repository").asText()
            + ":"
            + Chart.OPERATOR.metadata().at("/appVersion").asText();
    List<String> servers = values.at("/images").valueStream().map(JsonNode::asText).toList();
    assertThat(Chart.OPERATOR.annotation("images"))
        .extracting(image -> image.at("/image").asText())
        .containsExactlyElementsOf(Stream.concat(Stream.of(operator), servers.stream()).toList());
  }

  @ParameterizedTest
  @EnumSource
  void artifactHubKnowsTheCrd(Chart chart) {
    CustomResourceDefinition crd = Crd.generate();
    assertThat(chart.annotation("crds"))
        .extracting(
            entry -> entry.at("/kind").asText(),
            entry -> entry.at("/version").asText(),
            entry -> entry.at("/name").asText())
        .containsExactly(
            tuple(
                crd.getSpec().getNames().getKind(),
                crd.getSpec().getVersions().getFirst().getName(),
                crd.getMetadata().getName()));
  }

  /** As Artifact Hub documents them. */
  @ParameterizedTest
  @EnumSource
  void artifactHubKnowsWhatChanged(Chart chart) {
    assertThat(chart.annotation("changes"))
        .isNotEmpty()
        .allSatisfy(
            change -> {
              assertThat(change.at("/kind").asText())
                  .isIn("added", "changed", "deprecated", "removed", "fixed", "security");
              assertThat(change.at("/description").asText()).isNotBlank();
            });
  }

  /** Of files of this repository. */
  @ParameterizedTest
  @EnumSource
  void linksLeadToFiles(Chart chart) {
    JsonNode metadata = chart.metadata();
    String home = metadata.at("/home").asText();
    List<String> links = new ArrayList<>(metadata.findValuesAsText("url"));
    chart.annotation("links").forEach(link -> links.add(link.at("/url").asText()));
    assertThat(links)
        .isNotEmpty()
        .allSatisfy(
            link -> {
              assertThat(link).startsWith(home + BLOB);
              assertThat(Guarded.ROOT.resolve(link.substring((home + BLOB).length()))).exists();
            });
    String icon = metadata.at("/icon").asText();
    assertThat(icon).startsWith("https://").contains("/main/");
    assertThat(Yaml.text(icon.substring(icon.indexOf("/main/") + "/main/".length())))
        .startsWith("<svg ");
  }

  private static JsonNode schema(Chart chart) {
    return Yaml.documents(Yaml.text(chart.folder() + "values.schema.json")).getFirst();
  }

  /** Paths of the described values, and of what contains them, that a schema does not require. */
  private static List<String> optional(Chart chart, JsonNode schema) {
    return chart.described().stream()
        .flatMap(value -> Stream.iterate(value.path(), path -> !path.isEmpty(), ChartTest::parent))
        .distinct()
        .filter(path -> !parent(path).equals(SHARED))
        .filter(
            path ->
                !Yaml.strings(at(schema, parent(path)).path("required"))
                    .contains(path.substring(path.lastIndexOf('.') + 1)))
        .toList();
  }

  private static JsonNode at(JsonNode schema, String path) {
    return path.isEmpty() ? schema : schema.at("/properties/" + path.replace(".", "/properties/"));
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
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
            path.equals(SHARED)
                || schema.path("additionalProperties").isBoolean()
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
