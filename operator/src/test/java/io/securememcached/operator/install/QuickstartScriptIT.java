package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart in a cluster that others use, by its tests in bats. */
class QuickstartScriptIT {

  @TempDir private Path folder;

  @Test
  void leavesAloneWhatItHasNotInstalled() throws Exception {
    Script result = bats(Guarded.ROOT);
    assertThat(result.code()).as(result.output()).isZero();
  }

  /** The counter-example: a quickstart that takes over all objects with its release's names. */
  @Test
  void takeoverIsFound() throws Exception {
    Script.run(
        "cp",
        "-R",
        "--parents",
        "quickstart",
        "scripts",
        "plugin",
        "examples/tutorial",
        folder.toString());
    Path quickstart = folder.resolve("quickstart");
    String text = Files.readString(quickstart);
    String faulty = text.replace("--set crds.install=false", "--take-ownership");
    assertThat(faulty).isNotEqualTo(text);
    Files.writeString(quickstart, faulty);

    Script result = bats(folder);

    assertThat(result.code()).isOne();
    assertThat(result.output())
        .containsPattern("(?m)^not ok \\d+ a CRD that is left keeps its owner$");
  }

  private static Script bats(Path checkout) throws IOException, InterruptedException {
    return Script.in(checkout, Map.of(), "scripts/bats", "scripts/quickstart.bats");
  }
}
