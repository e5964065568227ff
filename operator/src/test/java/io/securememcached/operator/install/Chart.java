package io.securememcached.operator.install;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** The charts of this repository. */
enum Chart {
  OPERATOR("securememcached-operator"),
  CRDS("securememcached-crds");

  private final String name;

  Chart(String name) {
    this.name = name;
  }

  /** Path under the top level, with a slash at its end. */
  String folder() {
    return "charts/" + name + "/";
  }

  JsonNode metadata() {
    return Yaml.documents(Yaml.text(folder() + "Chart.yaml")).getFirst();
  }

  /** The text of its values.yaml. */
  String valuesYaml() {
    return Yaml.text(folder() + "values.yaml");
  }

  List<ChartValue> described() {
    return ChartValue.of(valuesYaml());
  }

  /**
   * Entries of a list that Artifact Hub reads, which is YAML in an annotation; empty if missing.
   */
  List<JsonNode> annotation(String suffix) {
    String text = metadata().at("/annotations").path("artifacthub.io/" + suffix).asText();
    return text.isEmpty() ? List.of() : Yaml.documents(text).getFirst().valueStream().toList();
  }
}
