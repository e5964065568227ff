package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of docs/frameworks.
 *
 * @param files its blocks that a line of the form {@code `NAME`:} introduces, by the last part of
 *     their names
 */
record FrameworkPage(String text, Map<String, String> files) {

  private static final Pattern FILE =
      Pattern.compile(
          "^`([^`]+)`[^\n]*:\n\n```[^\n]+\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern CONTAINER =
      Pattern.compile("^```yaml container\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  static FrameworkPage of(String framework) {
    try {
      String text = Files.readString(Guarded.ROOT.resolve("docs/frameworks/" + framework + ".md"));
      Map<String, String> files = new LinkedHashMap<>();
      Matcher file = FILE.matcher(text);
      while (file.find()) {
        files.put(Path.of(file.group(1)).getFileName().toString(), file.group(2));
      }
      assertThat(files).as("files that the page of " + framework + " shows").isNotEmpty();
      return new FrameworkPage(text, files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes its files into a folder. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
  }

  /**
   * The environment of a container that the page shows, as the kubelet would fill it.
   *
   * @param secret the keys of the login's Secret
   */
  Map<String, String> environment(Map<String, String> secret) {
    Map<String, String> environment = new LinkedHashMap<>();
    Matcher container = CONTAINER.matcher(text);
    while (container.find()) {
      for (JsonNode variable :
          KubectlYaml.documents(container.group(1)).getFirst().withArray("env")) {
        JsonNode key = variable.at("/valueFrom/secretKeyRef/key");
        environment.put(
            variable.get("name").asText(),
            key.isMissingNode() ? variable.get("value").asText() : secret.get(key.asText()));
      }
    }
    return environment;
  }
}
