package io.securememcached.operator.install;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kubectl's plugin, by its tests in bats. */
class PluginScriptIT {

  private static final BatsTests TESTS = new BatsTests("plugin/test.bats");

  @TempDir private Path folder;

  @Test
  void exitCodesArgumentsAndMessages() throws Exception {
    TESTS.assertPass();
  }

  /** A plugin that ends with 0 when a check has failed. */
  @Test
  void wrongExitCodeIsFound() throws Exception {
    TESTS.assertFind(
        folder,
        List.of("plugin", "scripts"),
        "plugin/kubectl-securememcached",
        "code - 10",
        "code - 11",
        "a check failed: 1");
  }
}
