package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Crd;
import io.securememcached.operator.resource.FieldEffect;
import io.securememcached.operator.resource.ServerSetting;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/custom-resource.md says what the CRD says, field by field. */
class CustomResourceDocTest {

  private static final String INTRODUCTION =
      """
      # SecureMemcached

      `securememcached.io/v1beta1`, kind `SecureMemcached`, plural `securememcacheds`, short name `smc`. This page is made from the CRD in `crds/`; `kubectl explain smc.spec`
      shows the same. Fields that are Kubernetes' own (selectors, affinity, tolerations) are not spelled out.

      A typo in a field name is refused: `kubectl apply` asks the API server to validate strictly (`--validate=strict`, its default since 1.27). Other clients must ask for it
      (`fieldValidation=Strict`), else the API server drops an unknown field and only warns.
      """;

  /** Kubernetes' own types, which their own documentation describes. */
  private static final Set<String> KUBERNETES_TYPES =
      Set.of(
          "affinity",
          "tolerations",
          "topologySpreadConstraints",
          "podSelector",
          "namespaceSelector");

  @Test
  void isMadeFromTheCrd() throws IOException {
    JSONSchemaProps schema =
        Crd.generate().getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    StringBuilder page = new StringBuilder(INTRODUCTION);
    page.append("\n## spec\n");
    table(page, "", schema.getProperties().get("spec"));
    changes(page, schema.getProperties().get("spec"));
    rules(page, schema, schema.getProperties().get("spec"));
    page.append("\n## status\n");
    table(page, "", schema.getProperties().get("status"));
    Guarded.assertUpToDate("docs/custom-resource.md", page.toString());
  }

  /** From the operator's own decision, one row where all that is below a field has one effect. */
  private static void changes(StringBuilder page, JSONSchemaProps spec) {
    page.append(
        """

        ## What a change does
        `kubectl securememcached plan -f cache.yaml` says it for an edited resource, with the servers, the time and the cost ([updates.md](updates.md#plan-an-edit)).

        | field | a change | because |
        | --- | --- | --- |
        """);
    spec.getProperties().forEach((name, field) -> change(page, name, field));
  }

  private static void change(StringBuilder page, String path, JSONSchemaProps field) {
    Set<FieldEffect> effects = effects(path, field).collect(Collectors.toSet());
    if (effects.size() > 1) {
      field.getProperties().forEach((name, below) -> change(page, path + "." + name, below));
      return;
    }
    FieldEffect effect = effects.iterator().next();
    page.append("| `%s` | %s | %s |\n".formatted(path, effect.reach().text(), effect.why()));
  }

  private static Stream<FieldEffect> effects(String path, JSONSchemaProps field) {
    return isEmpty(field.getProperties())
        ? Stream.of(FieldEffect.of(path))
        : field.getProperties().entrySet().stream()
            .flatMap(below -> effects(path + "." + below.getKey(), below.getValue()));
  }

  /** A setting whose field is renamed would count as one that applies live. */
  @Test
  void everySettingIsAField() {
    JSONSchemaProps spec =
        Crd.generate()
            .getSpec()
            .getVersions()
            .getFirst()
            .getSchema()
            .getOpenAPIV3Schema()
            .getProperties()
            .get("spec");
    assertThat(ServerSetting.values())
        .allSatisfy(
            setting -> {
              JSONSchemaProps field = spec;
              for (String name : setting.field().split("\\.")) {
                assertThat(field.getProperties()).containsKey(name);
                field = field.getProperties().get(name);
              }
              assertThat(FieldEffect.of(setting.field()).why()).endsWith(setting.why());
            });
  }

  private static void table(StringBuilder page, String prefix, JSONSchemaProps block) {
    page.append("\n| field | type | default | description |\n| --- | --- | --- | --- |\n");
    rows(page, prefix, block);
  }

  private static void rows(StringBuilder page, String prefix, JSONSchemaProps block) {
    block
        .getProperties()
        .forEach(
            (name, field) -> {
              String path = prefix + name;
              boolean required = block.getRequired().contains(name);
              page.append("| `")
                  .append(path)
                  .append("` | ")
                  .append(type(field))
                  .append(" | ")
                  .append(
                      required
                          ? "required"
                          : field.getDefault() == null || field.getDefault().isObject()
                              ? ""
                              : "`" + field.getDefault().asText() + "`")
                  .append(" | ")
                  .append(field.getDescription() == null ? "" : cell(field.getDescription()))
                  .append(" |\n");
              if (!KUBERNETES_TYPES.contains(name)) {
                children(page, path, field);
              }
            });
  }

  private static void children(StringBuilder page, String path, JSONSchemaProps field) {
    if (field.getItems() != null && !isEmpty(field.getItems().getSchema().getProperties())) {
      rows(page, path + "[].", field.getItems().getSchema());
    } else if (!isEmpty(field.getProperties())) {
      rows(page, path + ".", field);
    }
  }

  private static boolean isEmpty(Map<String, JSONSchemaProps> properties) {
    return properties == null || properties.isEmpty();
  }

  private static String type(JSONSchemaProps field) {
    List<String> words = new ArrayList<>();
    if (field.getEnum() != null && !field.getEnum().isEmpty()) {
      words.add(
          field.getEnum().stream()
              .map(value -> "`" + value.asText() + "`")
              .collect(Collectors.joining(" or ")));
    } else if (field.getItems() != null) {
      words.add("list of " + itemType(field.getItems().getSchema()));
    } else if (field.getAdditionalProperties() != null) {
      words.add("map");
    } else {
      words.add(
          field.getType() != null
              ? field.getType()
              : Boolean.TRUE.equals(field.getXKubernetesIntOrString())
                  ? "integer or string"
                  : "number or string");
    }
    if (field.getMinimum() != null && field.getMaximum() != null) {
      words.add(number(field.getMinimum()) + " to " + number(field.getMaximum()));
    }
    // Elsewhere it only keeps lists out of a field of any type.
    if (field.getItems() != null && field.getMaxItems() != null) {
      words.add("at most " + field.getMaxItems());
    }
    return String.join(", ", words);
  }

  private static String itemType(JSONSchemaProps item) {
    return isEmpty(item.getProperties()) ? item.getType() : "objects";
  }

  private static String number(Double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static void rules(StringBuilder page, JSONSchemaProps root, JSONSchemaProps spec) {
    page.append(
        "\n## What is refused\nThe API server refuses a resource that breaks one of these, with this message.\n\n");
    messages(page, "metadata", root.getXKubernetesValidations());
    rulesOf(page, "spec", spec);
  }

  private static void rulesOf(StringBuilder page, String path, JSONSchemaProps block) {
    messages(page, path, block.getXKubernetesValidations());
    if (block.getProperties() != null) {
      block.getProperties().forEach((name, field) -> rulesOf(page, path + "." + name, field));
    }
    if (block.getItems() != null) {
      rulesOf(page, path + "[]", block.getItems().getSchema());
    }
  }

  private static void messages(StringBuilder page, String path, List<ValidationRule> rules) {
    if (rules != null) {
      rules.stream()
          .map(ValidationRule::getMessage)
          .distinct()
          .forEach(
              message ->
                  page.append("- `").append(path).append("`: ").append(message).append('\n'));
    }
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
