package io.securememcached.operator.install;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The blocks of code in the project's documents, and what kind each is of. */
final class CodeBlocks {

  /** What a block is; its first lines tell. */
  enum Kind {
    /** Whole objects. */
    MANIFEST,
    /** Begins with {@code spec:}: a SecureMemcached without its head. */
    SPEC,
    KUSTOMIZATION,
    /** Values of the chart: its first key is one of them. */
    CHART_VALUES,
    /** YAML for another program, marked with its name as {@code yaml gitlab-ci}: only read. */
    OTHER_YAML,
    CONSOLE,
    /** A drawing, an output, or another language, marked so. */
    OTHER;

    boolean isYaml() {
      return this == MANIFEST
          || this == SPEC
          || this == KUSTOMIZATION
          || this == CHART_VALUES
          || this == OTHER_YAML;
    }
  }

  /**
   * A block.
   *
   * @param place file and line
   */
  record Block(String place, Kind kind, String text) {}

  private static final Pattern KEY = Pattern.compile("^([A-Za-z][\\w.-]*):(\\s.*)?$");
  private static final Set<String> COMMANDS =
      Set.of(
          "kubectl",
          "helm",
          "mvn",
          "eval",
          "install",
          "./quickstart",
          "images/build",
          "testbed/testbed",
          "scripts/client-examples",
          "export");
  private static final Set<String> OTHER =
      Set.of("mermaid", "groovy", "text", "python", "php", "ruby", "java", "ini", "");

  /** The drawings of pages in this file are indented, as no console is. */
  private static final String DRAWINGS = "docs/sasldb.md";

  private static final Pattern FIELD =
      Pattern.compile("`(?:spec\\.)?([a-z][A-Za-z]*(?:\\.[a-z][A-Za-z]*)*): ([^`]+)`");

  private CodeBlocks() {}

  /** All blocks of all documents. */
  static List<Block> all() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path file : documents()) {
      read(Guarded.ROOT.relativize(file).toString(), Files.readAllLines(file), blocks);
    }
    return blocks;
  }

  /** {@code field: value} in sentences, where the field is one of the spec. */
  static List<Block> fields(CustomResourceDefinition crd) throws IOException {
    JSONSchemaProps schema =
        crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    JSONSchemaProps spec = schema.getProperties().get("spec");
    List<Block> found = new ArrayList<>();
    for (Path file : documents()) {
      String name = Guarded.ROOT.relativize(file).toString();
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        fields(name + ":" + (i + 1), lines.get(i), spec, found);
      }
    }
    descriptions("CRD", schema, spec, found);
    return found;
  }

  private static void descriptions(
      String path, JSONSchemaProps schema, JSONSchemaProps spec, List<Block> found) {
    if (schema.getDescription() != null) {
      fields(path, schema.getDescription(), spec, found);
    }
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach((name, field) -> descriptions(path + "." + name, field, spec, found));
    }
    if (schema.getItems() != null) {
      descriptions(path + "[]", schema.getItems().getSchema(), spec, found);
    }
  }

  private static void fields(String place, String text, JSONSchemaProps spec, List<Block> found) {
    for (MatchResult match : FIELD.matcher(text).results().toList()) {
      List<String> path = new ArrayList<>(List.of(match.group(1).split("\\.")));
      if (!spec.getProperties().containsKey(path.getFirst())) {
        List<String> parents =
            spec.getProperties().entrySet().stream()
                .filter(
                    field ->
                        field.getValue().getProperties() != null
                            && field.getValue().getProperties().containsKey(path.getFirst()))
                .map(java.util.Map.Entry::getKey)
                .toList();
        if (parents.size() != 1) {
          // A label, or a field of another object.
          continue;
        }
        path.addFirst(parents.getFirst());
      }
      found.add(
          new Block(
              place + " " + match.group(),
              Kind.SPEC,
              "spec: {"
                  + String.join(": {", path)
                  + ": "
                  + match.group(2)
                  + "}".repeat(path.size())));
    }
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    for (String top : List.of("README.md", "CONTRIBUTING.md")) {
      documents.add(Guarded.ROOT.resolve(top));
    }
    for (String folder :
        List.of("docs", "examples", "charts", "bench", "plugin", "images", "testbed")) {
      try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve(folder))) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    return documents;
  }

  private static void read(String file, List<String> lines, List<Block> blocks) {
    int i = 0;
    while (i < lines.size()) {
      String line = lines.get(i);
      int begin = i + 1;
      if (line.startsWith("```")) {
        int end = begin;
        while (!lines.get(end).startsWith("```")) {
          end++;
        }
        String text = String.join("\n", lines.subList(begin, end)) + "\n";
        String place = file + ":" + begin;
        blocks.add(new Block(place, kind(place, line.substring(3).strip(), text), text));
        i = end + 1;
      } else if (line.startsWith("    ") && (i == 0 || lines.get(i - 1).isBlank())) {
        int end = i;
        while (end < lines.size()
            && (lines.get(end).startsWith("    ") || lines.get(end).isBlank())) {
          end++;
        }
        String text =
            String.join(
                "\n",
                lines.subList(i, end).stream()
                    .map(part -> part.isBlank() ? "" : part.substring(4))
                    .toList());
        String place = file + ":" + begin;
        blocks.add(
            new Block(
                place, file.equals(DRAWINGS) ? Kind.OTHER : kind(place, "indented", text), text));
        i = end;
      } else {
        i++;
      }
    }
  }

  private static Kind kind(String place, String language, String text) {
    if (OTHER.contains(language)) {
      return Kind.OTHER;
    }
    if (language.startsWith("yaml ")) {
      return Kind.OTHER_YAML;
    }
    String first =
        text.lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .findFirst()
            .orElseThrow();
    if (!language.equals("yaml")
        && (language.equals("console") || language.equals("bash") || isCommand(first))) {
      return Kind.CONSOLE;
    }
    var key = KEY.matcher(first);
    if (!key.matches()) {
      throw new AssertionError(
          place + ": a block of no known kind; mark it with a language: " + first);
    }
    String name = key.group(1);
    if (text.contains("kind: Kustomization") && text.contains("kustomize.config.k8s.io")) {
      return Kind.KUSTOMIZATION;
    }
    if (name.equals("apiVersion")) {
      return Kind.MANIFEST;
    }
    if (name.equals("spec")) {
      return Kind.SPEC;
    }
    if (chartValues().contains(name)) {
      return Kind.CHART_VALUES;
    }
    throw new AssertionError(
        place + ": begin it with apiVersion, spec or a value of the chart, or mark it: " + first);
  }

  private static boolean isCommand(String line) {
    String word = line.split("\\s")[0];
    return COMMANDS.contains(word) || word.contains("=");
  }

  private static Set<String> chartValues() {
    try {
      return Set.copyOf(
          Files.readAllLines(Guarded.ROOT.resolve("charts/securememcached-operator/values.yaml"))
              .stream()
              .map(KEY::matcher)
              .filter(java.util.regex.Matcher::matches)
              .map(match -> match.group(1))
              .toList());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
