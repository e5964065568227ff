package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kubectl's plugin, by its tests in bats. */
class PluginScriptIT {

  @TempDir private Path folder;

  @Test
  void exitCodesArgumentsAndMessages() throws Exception {
    Script result = bats(Guarded.ROOT);
    assertThat(result.code()).as(result.output()).isZero();
  }

  /** The counter-example: a plugin that ends with 0 when a check has failed. */
  @Test
  void wrongExitCodeIsFound() throws Exception {
    Script.run("cp", "-R", "--parents", "plugin", "scripts", folder.toString());
    Path plugin = folder.resolve("plugin/kubectl-securememcached");
    String text = Files.readString(plugin);
    String faulty = text.replace("code - 10", "code - 11");
    assertThat(faulty).isNotEqualTo(text);
    Files.writeString(plugin, faulty);

    Script result = bats(folder);

    assertThat(result.code()).isOne();
    assertThat(result.output()).containsPattern("(?m)^not ok \\d+ a check failed: 1$");
  }

  private static Script bats(Path checkout) throws IOException, InterruptedException {
    return Script.in(checkout, Map.of(), "scripts/bats", "plugin/test.bats");
  }
}
