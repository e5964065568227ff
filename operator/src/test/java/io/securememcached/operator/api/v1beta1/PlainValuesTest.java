package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.securememcached.operator.testing.KubectlYaml;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A value that kubectl reads as something else than a string would have to be quoted. */
class PlainValuesTest {

  /** YAML 1.1 has them for booleans; not every library follows. */
  private static final Set<String> LETTERS = Set.of("y", "Y", "n", "N");

  @Test
  void enumsAndDefaultsAreStringsForKubectl() {
    Map<String, Set<String>> values = new TreeMap<>();
    collect(
        "",
        Crd.generate().getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema(),
        values);
    assertThat(values)
        .containsKeys(".spec.verification.gate", ".spec.image.flavor", ".spec.listen");
    values.forEach(
        (field, texts) ->
            assertThat(texts)
                .as(field)
                .isNotEmpty()
                .allSatisfy(text -> assertThat(isPlainString(text)).as(text).isTrue()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Off", "off", "ON", "on", "yes", "No", "y", "N", "true", "FALSE", "null", "~", "Null", "1",
        "0x1F", "017", "1.5", "12:30", ".inf"
      })
  void wordsOfYamlAreFound(String word) {
    assertThat(isPlainString(word)).isFalse();
  }

  private static boolean isPlainString(String text) {
    JsonNode read = KubectlYaml.documents("value: " + text).getFirst().at("/value");
    return read.isTextual() && read.asText().equals(text) && !LETTERS.contains(text);
  }

  private static void collect(
      String path, JSONSchemaProps schema, Map<String, Set<String>> values) {
    Set<String> texts = new TreeSet<>();
    if (schema.getEnum() != null) {
      schema.getEnum().stream()
          .filter(JsonNode::isTextual)
          .forEach(value -> texts.add(value.asText()));
    }
    if (schema.getDefault() != null && schema.getDefault().isTextual()) {
      texts.add(schema.getDefault().asText());
    }
    if (!texts.isEmpty()) {
      values.put(path, texts);
    }
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach((name, property) -> collect(path + "." + name, property, values));
    }
    if (schema.getItems() != null) {
      collect(path + "[]", schema.getItems().getSchema(), values);
    }
  }
}
