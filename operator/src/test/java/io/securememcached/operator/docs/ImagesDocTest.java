package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/images.md calls an image tested only for what a run of a workflow has tested. */
class ImagesDocTest {

  private static final String PAGE = "docs/images.md";

  private static final Pattern TESTED = Pattern.compile("\\btested\\b");

  @Test
  void noImageIsCalledTestedBeforeAWorkflowHasRun() throws IOException {
    List<String> rows =
        page(PAGE).lines().filter(line -> line.startsWith("| `ghcr.io/securememcached/")).toList();
    assertThat(rows).hasSize(4);
    boolean noneHasRun = page("CONTRIBUTING.md").contains("\nNone of them has run yet");
    assertThat(page(PAGE).contains("\nNo workflow has run yet")).isEqualTo(noneHasRun);
    if (noneHasRun) {
      assertThat(rows).noneMatch(ImagesDocTest::saysTested);
    }
  }

  /** The counter-example. */
  @Test
  void testedIsFoundInTheLastColumnAlone() {
    assertThat(saysTested("| `a` | tested tools | 1 MB | built and tested on Debian |")).isTrue();
    assertThat(saysTested("| `a` | tested tools | 1 MB | passed on Debian |")).isFalse();
  }

  private static boolean saysTested(String row) {
    return TESTED.matcher(List.of(row.split("\\|")).getLast()).find();
  }

  private static String page(String name) throws IOException {
    return Files.readString(Guarded.ROOT.resolve(name));
  }
}
