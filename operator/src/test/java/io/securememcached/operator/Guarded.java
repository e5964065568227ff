package io.securememcached.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps a generated file of the repository equal to its source. */
public final class Guarded {

  /** The checkout's top level. */
  public static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private Guarded() {}

  /**
   * Fails when the file differs from what is generated; with {@code -Dupdate} writes it instead.
   *
   * @param file path under the top level
   */
  public static void assertUpToDate(String file, String generated) throws IOException {
    Path path = ROOT.resolve(file);
    if (System.getProperty("update") != null) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, generated);
    }
    assertThat(Files.exists(path) ? Files.readString(path) : "")
        .as("%s is generated; run: mvn test -Dupdate, and look at the difference", file)
        .isEqualTo(generated);
  }
}
