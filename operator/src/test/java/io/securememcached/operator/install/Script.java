package io.securememcached.operator.install;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * A script of the repository that has run.
 *
 * @param code exit code
 * @param output standard output and standard error
 */
record Script(int code, String output) {

  /** Runs a command in the top level. */
  static Script run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), command);
  }

  /**
   * Runs a command in the top level.
   *
   * @param environment what is added to the test's own
   */
  static Script run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    return in(Guarded.ROOT, environment, command);
  }

  /**
   * Runs a command in a folder, such as a copy of the repository.
   *
   * @param environment what is added to the test's own
   */
  static Script in(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Script(process.waitFor(), output);
  }
}
