package io.securememcached.operator.api.v1beta1;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Describes the fields of Kubernetes' own types, which the generator has no descriptions of. */
final class KubernetesFields {

  private final Map<String, String> texts;
  private final Set<String> used = new HashSet<>();

  private KubernetesFields(Map<String, String> texts) {
    this.texts = texts;
  }

  /**
   * Describes what has no description.
   *
   * @throws IllegalStateException for a field that is not described, and for a text that no field
   *     has
   */
  static void describe(JSONSchemaProps schema) {
    try (InputStream file =
        KubernetesFields.class.getResourceAsStream("/crd/kubernetes-fields.yaml")) {
      @SuppressWarnings("unchecked")
      Map<String, String> texts = Serialization.unmarshal(file, Map.class);
      KubernetesFields fields = new KubernetesFields(texts);
      fields.describe(schema, "");
      Set<String> unused = new TreeSet<>(texts.keySet());
      unused.removeAll(fields.used);
      if (!unused.isEmpty()) {
        throw new IllegalStateException("No field is called " + unused);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void describe(JSONSchemaProps schema, String parent) {
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach(
              (name, property) -> {
                if (property.getDescription() == null) {
                  property.setDescription(text(parent, name));
                }
                describe(property, name);
              });
    }
    if (schema.getItems() != null) {
      describe(schema.getItems().getSchema(), parent);
    }
  }

  private String text(String parent, String name) {
    String key = texts.containsKey(parent + "." + name) ? parent + "." + name : name;
    String text = texts.get(key);
    if (text == null) {
      throw new IllegalStateException(
          "crd/kubernetes-fields.yaml has no text for %s.%s".formatted(parent, name));
    }
    used.add(key);
    return text;
  }
}
