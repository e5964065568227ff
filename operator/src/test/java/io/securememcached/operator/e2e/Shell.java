package io.securememcached.operator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs the project's scripts and command-line tools. */
final class Shell {

  /**
   * What a command did.
   *
   * @param output standard output, without the last line break
   * @param errors standard error, likewise
   */
  record Result(int code, String output, String errors) {}

  private Shell() {}

  /**
   * Runs a command that must succeed; its standard error is the test's own.
   *
   * @return its standard output, without the last line break
   * @throws IllegalStateException when it fails or takes longer
   */
  static String run(
      Path folder, Map<String, String> environment, Duration limit, String... command) {
    Result result =
        execute(builder(folder, environment, command), Optional.empty(), limit, command);
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
      Path errors = Files.createTempFile("command", ".err");
      try {
        return execute(builder(folder, environment, command), Optional.of(errors), limit, command);
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    }
  }

  /** Starts a command, for its standard input and output. */
  static Process start(Path folder, Map<String, String> environment, String... command) {
    try {
      return builder(folder, environment, command)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    }
  }

  private static ProcessBuilder builder(
      Path folder, Map<String, String> environment, String... command) {
    ProcessBuilder builder = new ProcessBuilder(List.of(command)).directory(folder.toFile());
    builder.environment().putAll(environment);
    return builder;
  }

  private static Result execute(
      ProcessBuilder builder, Optional<Path> errors, Duration limit, String... command) {
    try {
      Path output = Files.createTempFile("command", ".out");
      Process process =
          builder
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(output.toFile())
              .redirectError(
                  errors
                      .map(file -> ProcessBuilder.Redirect.to(file.toFile()))
                      .orElse(ProcessBuilder.Redirect.INHERIT))
              .start();
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        throw new IllegalStateException(
            String.join(" ", command) + " did not end within " + limit.toSeconds() + " s");
      }
      String text = text(output);
      Files.delete(output);
      return new Result(process.exitValue(), text, errors.isPresent() ? text(errors.get()) : "");
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(String.join(" ", command) + " was interrupted", e);
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
  }
}
