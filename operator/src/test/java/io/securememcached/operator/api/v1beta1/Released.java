package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.databind.JsonNode;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is kept of each released version, in a folder named after it: {@code crd.yaml}, the
 * resources that users had from its examples ({@code applied/}), and their specs as the API server
 * stored them ({@code stored/}), with all defaults; the values and the objects of its chart. The
 * promise is in docs/api-promise.md.
 */
public final class Released {

  /** Folder of all versions, under the top level. */
  public static final String FOLDER = "operator/src/test/resources/released/";

  private static final List<String> SOURCES =
      List.of("examples", "operator/src/test/resources/crs");

  private Released() {}

  /** Versions with a folder, such as {@code 0.1.0}. */
  public static List<String> versions() {
    try (Stream<Path> folders = Files.list(Guarded.ROOT.resolve(FOLDER))) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The version that the chart has. */
  public static String current() {
    return KubectlYaml.documents(text("charts/securememcached-operator/Chart.yaml"))
        .getFirst()
        .get("appVersion")
        .asText();
  }

  /** Whether the changelog has the version as released. */
  public static boolean isReleased(String version) {
    return changes(version).isPresent();
  }

  /** What the changelog has under a heading of Keep a Changelog, such as {@code 0.1.0}. */
  public static Optional<String> changes(String heading) {
    return Pattern.compile("(?ms)^## \\[?\\Q" + heading + "\\E\\b[^\n]*\n(.*?)(?=^## |\\z)")
        .matcher(text("CHANGELOG.md"))
        .results()
        .map(part -> part.group(1))
        .findFirst();
  }

  /** The newest version that the changelog has as released; empty before the first release. */
  public static Optional<String> newest() {
    return Pattern.compile("(?m)^## \\[?(\\d+\\.\\d+\\.\\d+)\\b")
        .matcher(text("CHANGELOG.md"))
        .results()
        .map(heading -> heading.group(1))
        .findFirst();
  }

  static String crd(String version) {
    return text(FOLDER + version + "/crd.yaml");
  }

  /** Name of the file by its resource. */
  static Map<String, JsonNode> applied(String version) {
    return documents(FOLDER + version + "/applied");
  }

  /** Name of the file by the spec that was stored. */
  static Map<String, JsonNode> stored(String version) {
    return documents(FOLDER + version + "/stored");
  }

  /** Today's resources of the examples and of the golden files, by the name of their copy. */
  static Map<String, String> examples() {
    Map<String, String> examples = new TreeMap<>();
    for (String source : SOURCES) {
      for (Path file : yaml(source)) {
        for (String text : read(file).split("(?m)^---\n")) {
          if (text.contains("\nkind: SecureMemcached\n")) {
            Path name = Guarded.ROOT.resolve(source).relativize(file);
            examples.put(name.toString().replace('/', '-'), text);
          }
        }
      }
    }
    return examples;
  }

  private static Map<String, JsonNode> documents(String folder) {
    Map<String, JsonNode> documents = new TreeMap<>();
    for (Path file : yaml(folder)) {
      documents.put(file.getFileName().toString(), KubectlYaml.documents(read(file)).getFirst());
    }
    return documents;
  }

  private static List<Path> yaml(String folder) {
    Path top = Guarded.ROOT.resolve(folder);
    if (!Files.isDirectory(top)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(top)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(String file) {
    return read(Guarded.ROOT.resolve(file));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
