package io.securememcached.operator.install;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart in a cluster that others use, by its tests in bats. */
class QuickstartScriptIT {

  private static final BatsTests TESTS = new BatsTests("scripts/quickstart.bats");

  @TempDir private Path folder;

  @Test
  void leavesAloneWhatItHasNotInstalled() throws Exception {
    TESTS.assertPass();
  }

  /** A quickstart that takes over all objects with its release's names. */
  @Test
  void takeoverIsFound() throws Exception {
    TESTS.assertFind(
        folder,
        List.of("quickstart", "scripts", "plugin", "examples/tutorial"),
        "quickstart",
        "--set crds.install=false",
        "--take-ownership",
        "a CRD that is left keeps its owner");
  }
}
