package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.KnownVulnerabilities;
import io.securememcached.operator.verify.Vulnerability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChecksDocTest {

  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT|E2E))(?:#(\\w+))?`");

  @Test
  void everyCheckHasASectionInTheirOrder() throws IOException {
    assertThat(
            lines("docs/checks.md")
                .filter(line -> line.startsWith("## "))
                .map(line -> line.substring(3)))
        .containsExactlyElementsOf(Arrays.stream(Check.values()).map(Check::id).toList());
  }

  @Test
  void everyCheckSaysWhatItRuns() throws IOException {
    List<String> rows = lines("docs/checks.md").filter(line -> line.startsWith("| ")).toList();
    for (Check check : Check.values()) {
      assertThat(rows)
          .contains(
              "| [%s](#%s) | `%s` | %s | %s |"
                  .formatted(
                      check.id(), check.id(), check.byHand(), check.ran(), check.expected()));
    }
  }

  @Test
  void everyVulnerabilityIsListed() throws IOException {
    assertThat(lines("docs/checks.md"))
        .containsAll(KnownVulnerabilities.all().stream().map(ChecksDocTest::row).toList());
  }

  /** A claim that names a test which is not there, or no longer, is not proven. */
  @Test
  void testsThatAreNamedAreThere() throws IOException {
    List<String> sources;
    try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve("operator/src/test/java"))) {
      sources = files.map(Path::toString).filter(file -> file.endsWith(".java")).toList();
    }
    List<String> named =
        lines("docs/security.md")
            .flatMap(line -> TEST.matcher(line).results())
            .map(match -> match.group(1) + "#" + match.group(2))
            .distinct()
            .toList();
    assertThat(named).hasSizeGreaterThan(10);
    for (String test : named) {
      String[] parts = test.split("#");
      assertThat(sources)
          .as(test)
          .anyMatch(file -> file.endsWith("/" + parts[0] + ".java") && has(file, parts[1]));
    }
  }

  private static boolean has(String file, String method) {
    try {
      return method.equals("null") || Files.readString(Path.of(file)).contains(" " + method + "(");
    } catch (IOException e) {
      throw new AssertionError(file, e);
    }
  }

  private static String row(Vulnerability vulnerability) {
    String backported =
        vulnerability.backported().isEmpty()
            ? ""
            : vulnerability.backported().iterator().next().toString();
    return "| %s | %s | %s | %s | %s | %s | %s | %s |"
        .formatted(
            vulnerability.name(),
            vulnerability.from(),
            vulnerability.fixed(),
            text(vulnerability.needs()),
            text(vulnerability.effect()),
            vulnerability.avoidedBy(),
            backported,
            vulnerability.source());
  }

  private static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static Stream<String> lines(String file) throws IOException {
    return Files.readAllLines(Guarded.ROOT.resolve(file)).stream();
  }
}
