package io.securememcached.operator.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The repository has sources and pictures only: a package or an archive that a build has left would
 * stay in every clone for ever.
 */
class RepositoryTest {

  private static final long MAX_BYTES = 512 * 1024;

  private static final String PICTURE = ".png";

  /** What belongs to no commit: outputs of builds, git's own files, settings of editors. */
  private static final Set<String> LEFT_OUT =
      Set.of("target", ".git", ".idea", ".vscode", ".settings");

  @Test
  void hasSourcesAndPicturesOnly() throws IOException {
    assertThat(files(Guarded.ROOT)).hasSizeGreaterThan(900);
    assertThat(refused(Guarded.ROOT)).isEmpty();
  }

  /** The counter-example. */
  @Test
  void archivesAndLargeFilesAreFound(@TempDir Path root) throws IOException {
    Files.writeString(root.resolve("README.md"), "# A page\n");
    Files.write(root.resolve("picture.png"), new byte[] {0});
    Files.createDirectories(root.resolve("target"));
    Files.write(root.resolve("target/package.deb"), new byte[] {0});
    assertThat(refused(root)).isEmpty();
    Files.write(root.resolve("package.deb"), new byte[] {'!', '<', 0});
    Files.writeString(root.resolve("long.txt"), "x".repeat((int) MAX_BYTES + 1));
    assertThat(refused(root)).containsExactlyInAnyOrder("package.deb", "long.txt");
  }

  private static List<String> refused(Path root) throws IOException {
    List<String> refused = new ArrayList<>();
    for (Path file : files(root)) {
      String name = root.relativize(file).toString();
      if (Files.size(file) > MAX_BYTES || (!name.endsWith(PICTURE) && isBinary(file))) {
        refused.add(name);
      }
    }
    return refused;
  }

  private static boolean isBinary(Path file) throws IOException {
    for (byte value : Files.readAllBytes(file)) {
      if (value == 0) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      return found
          .filter(Files::isRegularFile)
          .filter(
              file ->
                  Stream.iterate(root.relativize(file), name -> name != null, Path::getParent)
                      .noneMatch(name -> LEFT_OUT.contains(name.getFileName().toString())))
          .toList();
    }
  }
}
