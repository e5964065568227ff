package io.securememcached.operator.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.DebianTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cyrus SASL's and Berkeley DB's own programs, which judge what this package writes. */
final class Tools {

  private Tools() {}

  /** Output of a Berkeley DB program, such as "verify" for db5.3_verify or db_verify. */
  static String db(String tool, String... arguments) throws Exception {
    return run("", List.of("db5.3_" + tool, "db_" + tool), arguments);
  }

  /** Output of a program of Cyrus SASL. */
  static String sasl(String input, String tool, String... arguments) throws Exception {
    return run(input, List.of(tool), arguments);
  }

  private static String run(String input, List<String> names, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(DebianTools.find(names)));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("output", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(UTF_8));
      } catch (IOException e) {
        // A program that reads no input may have ended already; its exit code tells.
      }
      int code = process.waitFor();
      String text = Files.readString(output);
      assertThat(code).as("%s: %s", command, text).isZero();
      return text;
    } finally {
      Files.delete(output);
    }
  }
}
