package io.securememcached.operator.install;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs the testbed's Helm on the chart, without a cluster. */
final class Helm {

  /** Path of the chart under the top level. */
  static final String CHART = "charts/securememcached-operator";

  /**
   * What Helm said.
   *
   * @param output standard output and standard error
   */
  record Result(int code, String output) {}

  private final String binary;

  /** Builds Helm when the machine does not have it yet. */
  Helm() {
    Result folder = run("testbed/testbed", "binaries", "helm");
    if (folder.code != 0) {
      throw new IllegalStateException("testbed/testbed binaries helm: " + folder.output);
    }
    binary = folder.output.lines().reduce((first, last) -> last).orElseThrow() + "/helm";
  }

  /** Checks charts as strictly as Helm can. */
  Result lint(String... charts) {
    return run(command(List.of(binary, "lint", "--strict"), charts));
  }

  /** Renders the operator's chart. */
  Result template(String... options) {
    return render(CHART, options);
  }

  /** What an installation of the operator's chart prints at its end. */
  String notes(String... options) {
    Result result =
        run(
            command(
                List.of(binary, "install", "securememcached-operator", CHART, "--dry-run=client"),
                options));
    if (result.code != 0) {
      throw new IllegalStateException(result.output);
    }
    return result.output.substring(result.output.indexOf("\nNOTES:\n"));
  }

  /** Renders a chart of this repository. */
  Result render(String chart, String... options) {
    return run(
        command(
            List.of(
                binary,
                "template",
                "securememcached-operator",
                chart,
                "--namespace",
                "securememcached-system"),
            options));
  }

  private static String[] command(List<String> start, String... options) {
    List<String> command = new ArrayList<>(start);
    command.addAll(List.of(options));
    return command.toArray(String[]::new);
  }

  private static Result run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(Guarded.ROOT.toFile())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .stripTrailing();
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
