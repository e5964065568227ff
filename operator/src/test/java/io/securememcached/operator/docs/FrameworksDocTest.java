package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each page of docs/frameworks says whether its framework was run, and its index has all. */
class FrameworksDocTest {

  private static final Path PAGES = Guarded.ROOT.resolve("docs/frameworks");

  @Test
  void pageSaysTriedExactlyWhereACheckRuns() throws IOException {
    List<String> checks =
        names(Guarded.ROOT.resolve("operator/src/test/resources/frameworks")).stream()
            .filter(name -> !name.endsWith(".txt"))
            .toList();
    assertThat(checks).isNotEmpty();
    assertThat(pages()).containsAll(checks);
    for (String page : pages()) {
      String text = Files.readString(PAGES.resolve(page + ".md"));
      boolean tried = checks.contains(page);
      assertThat(text.lines().filter(line -> line.startsWith("Tried with ")))
          .hasSize(tried ? 1 : 0);
      assertThat(text.lines().filter(line -> line.startsWith("Not run here")))
          .hasSize(tried ? 0 : 1);
    }
  }

  @Test
  void indexHasARowForEachPage() throws IOException {
    List<String> rows =
        Files.readAllLines(Guarded.ROOT.resolve("docs/frameworks.md")).stream()
            .filter(line -> line.startsWith("| ["))
            .map(line -> line.replaceAll("^.*?\\(frameworks/([\\w-]+)\\.md\\).*$", "$1"))
            .toList();
    assertThat(rows).containsExactlyInAnyOrderElementsOf(pages());
  }

  private static List<String> pages() throws IOException {
    return names(PAGES).stream().map(name -> name.replace(".md", "")).toList();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
