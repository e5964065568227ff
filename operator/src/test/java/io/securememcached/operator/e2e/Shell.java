package io.securememcached.operator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the project's scripts and command-line tools. */
final class Shell {

  /**
   * What a command did.
   *
   * @param output standard output; standard error goes to the test's own
   */
  record Result(int code, String output) {}

  private Shell() {}

  /**
   * Runs a command that must succeed.
   *
   * @return its standard output, without the last line break
   * @throws IllegalStateException when it fails or takes longer
   */
  static String run(
      Path folder, Map<String, String> environment, Duration limit, String... command) {
    Result result = tryRun(folder, environment, limit, command);
    if (result.code() != 0) {
      throw new IllegalStateException(
          String.join(" ", command) + " ended with " + result.code() + ": " + result.output());
    }
    return result.output();
  }

  /** Runs a command that may fail. */
  static Result tryRun(
      Path folder, Map<String, String> environment, Duration limit, String... command) {
    try {
      Path output = Files.createTempFile("command", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(List.of(command))
              .directory(folder.toFile())
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        throw new IllegalStateException(
            String.join(" ", command) + " did not end within " + limit.toSeconds() + " s");
      }
      String text = Files.readString(output, StandardCharsets.UTF_8).stripTrailing();
      Files.delete(output);
      return new Result(process.exitValue(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(String.join(" ", command) + " was interrupted", e);
    }
  }
}
