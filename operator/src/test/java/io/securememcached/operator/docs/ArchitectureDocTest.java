package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/architecture.md names files that exist, and every package. */
class ArchitectureDocTest {

  private static final Path SOURCES =
      Guarded.ROOT.resolve("operator/src/main/java/io/securememcached/operator");

  private static final Pattern PATH = Pattern.compile("`([\\w/]+/|[\\w/]*\\w+\\.java)`");

  private final String page = Files.readString(Guarded.ROOT.resolve("docs/architecture.md"));

  ArchitectureDocTest() throws IOException {}

  @Test
  void filesExist() {
    List<String> paths = PATH.matcher(page).results().map(found -> found.group(1)).toList();
    assertThat(paths).hasSizeGreaterThan(50);
    assertThat(paths)
        .filteredOn(path -> !path.equals("package-info.java"))
        .allSatisfy(
            path ->
                assertThat(
                        Stream.of(
                            SOURCES,
                            Guarded.ROOT,
                            Guarded.ROOT.resolve("charts/securememcached-operator")))
                    .as(path)
                    .anyMatch(folder -> Files.exists(folder.resolve(path))));
  }

  @Test
  void everyPackageIsNamed() throws IOException {
    try (Stream<Path> packages = Files.list(SOURCES)) {
      assertThat(
              packages.filter(Files::isDirectory).map(folder -> "`" + folder.getFileName() + "/"))
          .isNotEmpty()
          .allSatisfy(name -> assertThat(page).contains(name));
    }
  }
}
