package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kubectl's plugin, by its tests in bats. */
class PluginScriptIT {

  @TempDir private Path folder;

  @Test
  void exitCodesArgumentsAndMessages() throws Exception {
    Result result = bats(Guarded.ROOT);
    assertThat(result.code()).as(result.output()).isZero();
  }

  /** The counter-example: a plugin that ends with 0 when a check has failed. */
  @Test
  void wrongExitCodeIsFound() throws Exception {
    run(Guarded.ROOT, "cp", "-R", "--parents", "plugin", "scripts", folder.toString());
    Path plugin = folder.resolve("plugin/kubectl-securememcached");
    String text = Files.readString(plugin);
    String faulty = text.replace("code - 10", "code - 11");
    assertThat(faulty).isNotEqualTo(text);
    Files.writeString(plugin, faulty);

    Result result = bats(folder);

    assertThat(result.code()).isOne();
    assertThat(result.output()).containsPattern("(?m)^not ok \\d+ a check failed: 1$");
  }

  /**
   * What bats said.
   *
   * @param output standard output and standard error
   */
  private record Result(int code, String output) {}

  private static Result bats(Path checkout) throws IOException, InterruptedException {
    return run(checkout, "scripts/bats", "plugin/test.bats");
  }

  private static Result run(Path checkout, String... command)
      throws IOException, InterruptedException {
    Process test =
        new ProcessBuilder(command).directory(checkout.toFile()).redirectErrorStream(true).start();
    String output = new String(test.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(test.waitFor(), output);
  }
}
