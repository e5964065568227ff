package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What testbed/README.md says another project has to take; {@code testbed/test} tests the rest. */
class TestbedCopyIT {

  @Test
  void testbedAndLibSufficeElsewhere(@TempDir Path other) throws Exception {
    assertThat(Script.run("cp", "-r", "testbed", other.toString()).code()).isZero();
    String copy = other.resolve("testbed/testbed").toString();
    // The counter-example: the folder alone.
    assertThat(Script.run(copy, "binaries", "helm").output()).contains("scripts/lib.sh");

    Files.createDirectory(other.resolve("scripts"));
    Files.copy(Guarded.ROOT.resolve("scripts/lib.sh"), other.resolve("scripts/lib.sh"));
    Script built = Script.run(copy, "binaries", "helm");
    assertThat(built.code()).as(built.output()).isZero();
    assertThat(Path.of(built.output().lines().toList().getLast(), "helm")).isExecutable();
  }
}
