package io.securememcached.operator.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads YAML as trees, as kubectl does. */
final class Yaml {

  private Yaml() {}

  /** A file of the repository, as it is. */
  static String text(String file) {
    try {
      return Files.readString(Guarded.ROOT.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Paths under the top level of the files below a folder that end so, sorted. */
  static List<String> files(String folder, String end) {
    try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve(folder))) {
      return files
          .map(file -> Guarded.ROOT.relativize(file).toString())
          .filter(file -> file.endsWith(end))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All documents of a text, without the empty ones. */
  static List<JsonNode> documents(String text) {
    return KubectlYaml.documents(text);
  }

  /** The only object of this kind and name. */
  static JsonNode find(List<JsonNode> documents, String kind, String name) {
    return documents.stream()
        .filter(document -> document.at("/kind").asText().equals(kind))
        .filter(document -> document.at("/metadata/name").asText().equals(name))
        .reduce(
            (one, other) -> {
              throw new IllegalStateException(kind + " " + name + " is there twice");
            })
        .orElse(MissingNode.getInstance());
  }

  /** Names of a node's fields. */
  static List<String> names(JsonNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** A list of strings. */
  static List<String> strings(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }
}
