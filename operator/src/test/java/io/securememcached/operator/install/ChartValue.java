package io.securememcached.operator.install;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A described value of the chart.
 *
 * @param path its keys, with dots
 * @param type as helm-docs names it
 * @param otherwise the default, as JSON
 * @param description the text behind {@code # --}
 */
record ChartValue(String path, String type, String otherwise, String description) {

  private static final Pattern DESCRIPTION = Pattern.compile(" *# -- (.*)");
  private static final Pattern KEY = Pattern.compile("( *)(\\w+):.*");

  /** The values that a values.yaml describes, in helm-docs' way, in the order of the file. */
  static List<ChartValue> of(String valuesYaml) {
    JsonNode values = Yaml.documents(valuesYaml).getFirst();
    List<ChartValue> described = new ArrayList<>();
    List<String> path = new ArrayList<>();
    String description = "";
    for (String line : valuesYaml.lines().toList()) {
      Matcher comment = DESCRIPTION.matcher(line);
      Matcher key = KEY.matcher(line);
      if (comment.matches()) {
        description = comment.group(1);
      } else if (key.matches()) {
        path = new ArrayList<>(path.subList(0, key.group(1).length() / 2));
        path.add(key.group(2));
        if (!description.isEmpty()) {
          JsonNode value = values.at("/" + String.join("/", path));
          described.add(
              new ChartValue(String.join(".", path), type(value), value.toString(), description));
          description = "";
        }
      }
    }
    return described;
  }

  /** The table that helm-docs makes. */
  static String table(List<ChartValue> values) {
    return "| Key | Type | Default | Description |\n|-----|------|---------|-------------|\n"
        + values.stream()
            .map(
                value ->
                    "| %s | %s | `%s` | %s |\n"
                        .formatted(value.path, value.type, value.otherwise, value.description))
            .collect(Collectors.joining());
  }

  /** Whether this value's description covers what is at a path. */
  boolean covers(String other) {
    List<String> own = Arrays.asList(path.split("\\."));
    List<String> its = Arrays.asList(other.split("\\."));
    return its.size() >= own.size() && its.subList(0, own.size()).equals(own);
  }

  private static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "list";
      case OBJECT -> "object";
      case BOOLEAN -> "bool";
      case NUMBER -> "int";
      default -> "string";
    };
  }
}
