package io.securememcached.operator.clients;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The examples of clients with their real libraries, built by {@code scripts/client-examples}.
 *
 * @param root a checkout
 * @param cache where the builds are
 */
record ClientExamples(Path root, Path cache) {

  /** The examples as they are. */
  static ClientExamples original() {
    return new ClientExamples(Guarded.ROOT, cacheOfScripts());
  }

  /**
   * A copy of the examples, to be changed.
   *
   * @param cache name of the folder for its builds, which stay there for the next run
   */
  static ClientExamples copy(Path root, String cache) throws IOException {
    for (String part : List.of("scripts", "examples")) {
      try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve(part))) {
        for (Path file : files.filter(path -> !path.toString().contains("/target")).toList()) {
          Path copy = root.resolve(Guarded.ROOT.relativize(file).toString());
          Files.createDirectories(copy.getParent());
          if (!Files.isDirectory(file)) {
            Files.copy(file, copy);
          }
        }
      }
    }
    return new ClientExamples(root, cacheOfScripts().resolve(cache));
  }

  /** As scripts/lib.sh has it. */
  private static Path cacheOfScripts() {
    return Optional.ofNullable(System.getenv("SECUREMEMCACHED_CACHE"))
        .map(Path::of)
        .orElseGet(
            () ->
                Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                    .map(Path::of)
                    .orElse(Path.of(System.getProperty("user.home"), ".cache"))
                    .resolve("securememcached"));
  }

  /** Names of all examples. */
  List<String> names() throws IOException, InterruptedException {
    return succeed(List.of(), Map.of(), "--list").lines().toList();
  }

  /**
   * Replaces what an example's file has in one place.
   *
   * @param file path under the top level
   * @throws AssertionError when the file has it never or more than once
   */
  void edit(String file, String from, String to) throws IOException {
    Path path = root.resolve(file);
    String text = Files.readString(path);
    int index = text.indexOf(from);
    if (index < 0 || text.indexOf(from, index + 1) >= 0) {
      throw new AssertionError(file + " does not have this once: " + from);
    }
    Files.writeString(path, text.replace(from, to));
  }

  /** Builds those that are not built yet. */
  void build() throws IOException, InterruptedException {
    succeed(List.of(), Map.of());
  }

  /**
   * Runs an example that must succeed.
   *
   * @param before beginning of the command
   * @return its standard output
   */
  String run(String example, List<String> before, Map<String, String> environment)
      throws IOException, InterruptedException {
    return succeed(before, environment, "run", example);
  }

  private String succeed(List<String> before, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(before);
    command.add(root.resolve("scripts/client-examples").toString());
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile("example", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(root.toFile()).redirectError(errors.toFile());
    builder.environment().put("SECUREMEMCACHED_CACHE", cache.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new AssertionError(
          "%s ended with %d: %s%s".formatted(command, code, output, Files.readString(errors)));
    }
    Files.delete(errors);
    return output.strip();
  }
}
