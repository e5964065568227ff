package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

/** A default stands in {@code @Default} and in a compact constructor: both must be the same. */
class DefaultsTest {

  private static final JSONSchemaProps SPEC =
      Crd.generate()
          .getSpec()
          .getVersions()
          .getFirst()
          .getSchema()
          .getOpenAPIV3Schema()
          .getProperties()
          .get("spec");

  @Test
  void specFromCrdDefaultsIsSpecFromConstructors() {
    assertThat(Serialization.unmarshal(SPEC.getDefault().toString(), SecureMemcachedSpec.class))
        .isEqualTo(SecureMemcachedSpec.defaults());
  }

  /** What a constructor fills in and the CRD does not would be invisible for the user. */
  @Test
  void constructorsFillInNothingElse() {
    ObjectNode filled =
        Serialization.unmarshal(
            Serialization.asJson(SecureMemcachedSpec.defaults()), ObjectNode.class);
    assertThat(withoutEmpty(filled)).isEqualTo(withoutEmpty(SPEC.getDefault().deepCopy()));
  }

  @Test
  void defaultsAreNamedInDescriptions() {
    SPEC.getProperties()
        .forEach(
            (name, property) -> {
              JsonNode value = property.getDefault();
              if (value != null && value.isValueNode()) {
                assertThat(property.getDescription())
                    .as("description of %s", name)
                    .containsAnyOf("Default " + value.asText(), value.asText() + " (default");
              }
            });
  }

  private static JsonNode withoutEmpty(JsonNode node) {
    ObjectNode object = (ObjectNode) node;
    object
        .properties()
        .removeIf(field -> field.getValue().isEmpty() && field.getValue().isContainerNode());
    return object;
  }
}
