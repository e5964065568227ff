package io.securememcached.operator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Programs of Debian's packages that tests compare with; {@code scripts/test-tools} installs them.
 */
public final class DebianTools {

  private DebianTools() {}

  /**
   * The path of the first of these programs that there is, installed first if need be.
   *
   * @throws AssertionError when it can't be installed; the script says what to do
   */
  public static String find(List<String> names) {
    return look(names)
        .or(
            () -> {
              install();
              return look(names);
            })
        .orElseThrow(
            () ->
                new AssertionError(names + " is not on the PATH; run scripts/test-tools as root"));
  }

  private static Optional<String> look(List<String> names) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/sbin:/usr/bin";
    return names.stream()
        .flatMap(name -> Stream.of(path.split(":")).map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  private static void install() {
    try {
      int code =
          new ProcessBuilder(Guarded.ROOT.resolve("scripts/test-tools").toString())
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new AssertionError("scripts/test-tools ended with " + code);
      }
    } catch (IOException e) {
      throw new AssertionError("scripts/test-tools could not be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("scripts/test-tools was interrupted", e);
    }
  }
}
