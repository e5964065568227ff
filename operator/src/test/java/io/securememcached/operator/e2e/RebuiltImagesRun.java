package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two builds of an image from the same sources, each with new bases and packages: which bytes they
 * do not share (ADR 41).
 *
 * <p>Its name keeps it out of {@code mvn verify}, as it takes minutes; {@code
 * -Dit.test=RebuiltImagesRun} runs it.
 */
class RebuiltImagesRun {

  private static final Duration LONGEST = Duration.ofMinutes(20);
  private static final Map<String, String> ENGINE = Map.of("ENGINE", "podman");

  @ParameterizedTest
  @ValueSource(strings = {"memcached-debian12", "memcached-debian13"})
  void memcachedIsTheSame(String image, @TempDir Path folder) {
    Path first = build(Guarded.ROOT, folder.resolve("first"), image, "--fresh");
    Path second = build(Guarded.ROOT, folder.resolve("second"), image, "--fresh");

    Shell.Result result = compare(first, second);
    assertThat(differences(result)).isEmpty();
    assertThat(result.output()).contains("\nthe ID of both: ");
    assertThat(result.code()).isZero();
  }

  /** The JVM writes it anew in each training run. */
  @Test
  void operatorDiffersInItsAotCacheAlone(@TempDir Path folder) {
    Path first = build(Guarded.ROOT, folder.resolve("first"), "operator", "--fresh");
    Path second = build(Guarded.ROOT, folder.resolve("second"), "operator", "--fresh");

    Shell.Result result = compare(first, second);
    assertThat(differences(result)).containsExactly("differs: /app/operator.aot: contents");
    assertThat(result.output()).contains("\nthe IDs differ: ");
    assertThat(result.code()).isOne();
  }

  /** Other sources are seen, each file by its name. */
  @Test
  void changedFileIsNamed(@TempDir Path folder) throws Exception {
    Path copy = Files.createDirectory(folder.resolve("copy"));
    Shell.run(
        Guarded.ROOT,
        Map.of(),
        LONGEST,
        "cp",
        "--parents",
        "-r",
        "images",
        "scripts/lib.sh",
        "pom.xml",
        copy.toString());
    Files.writeString(
        copy.resolve("images/memcached/memcached.conf"), "# more\n", StandardOpenOption.APPEND);
    Path first = build(Guarded.ROOT, folder.resolve("first"), "memcached-debian12");
    Path second = build(copy, folder.resolve("second"), "memcached-debian12");

    Shell.Result result = compare(first, second);
    assertThat(differences(result))
        .containsExactly(
            "differs: /etc/sasl2/memcached.conf: contents", "differs: the configuration");
    assertThat(result.code()).isOne();
  }

  private static Path build(Path checkout, Path out, String image, String... options) {
    String[] command =
        Stream.concat(
                Stream.of("images/build", "--tag", "rebuilt", "--out", out.toString(), image),
                Stream.of(options))
            .toArray(String[]::new);
    return Path.of(Shell.run(checkout, ENGINE, LONGEST, command));
  }

  private static Shell.Result compare(Path first, Path second) {
    return Shell.tryRun(
        Guarded.ROOT, ENGINE, LONGEST, "images/compare", first.toString(), second.toString());
  }

  /** Lines that name a difference. */
  private static List<String> differences(Shell.Result result) {
    return result
        .output()
        .lines()
        .filter(line -> line.startsWith("differs: ") || line.startsWith("only in "))
        .toList();
  }
}
