package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** kubectl's plugin, by its own test. */
class PluginTest {

  @Test
  void exitCodesArgumentsAndMessages() throws IOException, InterruptedException {
    Process test =
        new ProcessBuilder(Guarded.ROOT.resolve("plugin/test").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(test.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(test.waitFor()).as(output).isZero();
  }
}
