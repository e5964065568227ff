package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tests of a command in bats (docs/adr/0047-bats-for-tests-of-commands.md). */
record BatsTests(String file) {

  void assertPass() throws IOException, InterruptedException {
    Script result = in(Guarded.ROOT);
    assertThat(result.code()).as(result.output()).isZero();
  }

  /**
   * The counter-example: one of the tests fails with a command that is changed.
   *
   * @param folder where the copy goes
   * @param copied what the tests need, relative to the root of the project
   * @param command which of it is changed
   * @param test name of the test that finds it
   */
  void assertFind(
      Path folder, List<String> copied, String command, String text, String faulty, String test)
      throws IOException, InterruptedException {
    List<String> copy = new ArrayList<>(List.of("cp", "-R", "--parents"));
    copy.addAll(copied);
    copy.add(folder.toString());
    Script.run(copy.toArray(String[]::new));
    Path changed = folder.resolve(command);
    String before = Files.readString(changed);
    assertThat(before).contains(text);
    Files.writeString(changed, before.replace(text, faulty));

    Script result = in(folder);

    assertThat(result.code()).isOne();
    assertThat(result.output()).containsPattern("(?m)^not ok \\d+ " + test + "$");
  }

  private Script in(Path checkout) throws IOException, InterruptedException {
    return Script.in(checkout, Map.of(), "scripts/bats", file);
  }
}
