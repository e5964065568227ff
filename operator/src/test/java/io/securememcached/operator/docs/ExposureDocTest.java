package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.exposure.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExposureDocTest {

  private static final String SECTION = "\n## ";

  @Test
  void everyKindHasASectionInTheirOrder() throws IOException {
    assertThat(sections()).extracting(section -> section.split("\n")[0]).isEqualTo(ids());
  }

  @Test
  void everyKindIsInTheTable() throws IOException {
    List<String> lines = page().lines().toList();
    for (Kind kind : Kind.values()) {
      assertThat(lines)
          .contains("| [%s](#%s) | %s |".formatted(kind.id(), kind.id(), kind.meaning()));
    }
  }

  @Test
  void everySectionSaysWhatAnAttackerDoesAndWhatToDo() throws IOException {
    assertThat(sections())
        .allSatisfy(section -> assertThat(section).contains("*An attacker*", "*What to do:*"));
  }

  private static List<String> ids() {
    return Arrays.stream(Kind.values()).map(Kind::id).toList();
  }

  private static List<String> sections() throws IOException {
    String[] parts = page().split(SECTION, -1);
    return Arrays.asList(parts).subList(1, parts.length);
  }

  private static String page() throws IOException {
    return Files.readString(Guarded.ROOT.resolve("docs/exposure.md"));
  }
}
