package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The CRD as generated from the records. */
public final class Crd {

  private static final List<String> COLUMNS =
      List.of(
          "Servers",
          "Cache",
          "Zones",
          "Proven",
          "Ready",
          "Reason",
          "Listen",
          "Port",
          "Image",
          "UpToDate",
          "Age");

  private Crd() {}

  /** The CRD, with what the generator has no annotation for. */
  public static CustomResourceDefinition generate() {
    Map<String, ByteArrayOutputStream> files = new HashMap<>();
    new CRDGenerator()
        .customResourceClasses(SecureMemcached.class)
        .withOutput(new InMemory(files))
        .detailedGenerate();
    String yaml = files.values().iterator().next().toString(StandardCharsets.UTF_8);
    CustomResourceDefinition crd = Serialization.unmarshal(yaml, CustomResourceDefinition.class);
    JSONSchemaProps schema =
        crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    JSONSchemaProps spec = schema.getProperties().get("spec");
    // Lists keyed by name: server-side apply by several managers merges them, and a duplicate is
    // refused.
    mapList(spec.getProperties().get("users"), "name");
    mapList(spec.getProperties().get("sourceZones"), "name");
    JSONSchemaProps conditions =
        schema.getProperties().get("status").getProperties().get("conditions");
    conditions.getItems().getSchema().setRequired(List.of("type", "status"));
    mapList(conditions, "type");
    JSONSchemaProps checks =
        schema
            .getProperties()
            .get("status")
            .getProperties()
            .get("servers")
            .getItems()
            .getSchema()
            .getProperties()
            .get("checks");
    checks.getItems().getSchema().setRequired(List.of("check"));
    mapList(checks, "check");
    // Until the operator wrote a status, tools that judge by it (kstatus: Helm, Flux) must wait.
    schema
        .getProperties()
        .get("status")
        .setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
    // A resource without a spec is one with all defaults.
    ObjectNode defaults = JsonNodeFactory.instance.objectNode();
    spec.getProperties()
        .forEach(
            (name, property) -> {
              if (property.getDefault() != null) {
                defaults.set(name, property.getDefault());
              }
            });
    spec.setDefault(defaults);
    schema.setDescription(
        "Memcached with SASL authentication, without UDP, and with access from named source zones only.");
    spec.setDescription("What is wanted.");
    schema.getProperties().get("status").setDescription("What the operator saw.");
    CrdLimits.amounts(spec.getProperties().get("resources").getProperties().get("requests"));
    CrdLimits.amounts(spec.getProperties().get("resources").getProperties().get("limits"));
    KubernetesFields.describe(schema);
    dropRepeatedRules(schema);
    CrdLimits.apply(schema);
    List<CustomResourceColumnDefinition> columns =
        crd.getSpec().getVersions().getFirst().getAdditionalPrinterColumns();
    columns.sort(Comparator.comparingInt(column -> COLUMNS.indexOf(column.getName())));
    // The API server drops a 0, so that every apply would find a difference.
    columns.stream()
        .filter(column -> column.getPriority() == 0)
        .forEach(column -> column.setPriority(null));
    return crd;
  }

  /** The generator sees an annotation of a record component on the field and on the accessor. */
  private static void dropRepeatedRules(JSONSchemaProps schema) {
    if (schema.getXKubernetesValidations() != null) {
      schema.setXKubernetesValidations(
          schema.getXKubernetesValidations().stream().distinct().toList());
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(Crd::dropRepeatedRules);
    }
    if (schema.getItems() != null) {
      dropRepeatedRules(schema.getItems().getSchema());
    }
  }

  private static void mapList(JSONSchemaProps list, String key) {
    list.setXKubernetesListType("map");
    list.setXKubernetesListMapKeys(List.of(key));
  }

  private record InMemory(Map<String, ByteArrayOutputStream> files)
      implements io.fabric8.crdv2.generator.CRDGenerator.CRDOutput<ByteArrayOutputStream> {
    @Override
    public ByteArrayOutputStream outputFor(String crdName) {
      return files.computeIfAbsent(crdName, name -> new ByteArrayOutputStream());
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
