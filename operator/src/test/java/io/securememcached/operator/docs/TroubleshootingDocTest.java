package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.verify.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/troubleshooting.md leads from each word that a user sees to its page. */
class TroubleshootingDocTest {

  private static final String PAGE = "docs/troubleshooting.md";
  private static final String MARK = "<!-- All below is generated";
  private static final Pattern FINDING =
      Pattern.compile("\\| \\[([a-z-]+)]\\(#[a-z-]+\\) \\| (.+) \\|");
  private static final Pattern REFUSED = Pattern.compile("- `([^`]+)`: (.+)");

  @Test
  void indexIsGeneratedFromThePages() throws IOException {
    String page = Files.readString(Guarded.ROOT.resolve(PAGE));
    int end = page.indexOf("\n", page.indexOf(MARK)) + 1;
    assertThat(page).contains(MARK);
    Guarded.assertUpToDate(PAGE, page.substring(0, end) + index());
  }

  /** The names of the code, whatever the pages have. */
  @Test
  void everyReasonEventCheckAndFindingHasAnEntry() throws IOException {
    List<String> seen =
        lines(PAGE)
            .filter(line -> line.startsWith("| [`"))
            .map(line -> line.substring(4, line.indexOf("`]")))
            .toList();
    assertThat(seen)
        .doesNotHaveDuplicates()
        .containsAll(Arrays.stream(Reason.values()).map(Reason::name).toList())
        .containsAll(Tables.firstColumn("docs/events.md").toList())
        .containsAll(Arrays.stream(Check.values()).map(Check::id).toList())
        .containsAll(Arrays.stream(Kind.values()).map(Kind::id).toList());
  }

  /** A page without a meaning would leave an empty cell. */
  @Test
  void everyEntrySaysWhatItMeans() throws IOException {
    assertThat(lines(PAGE).filter(line -> line.startsWith("| [`")))
        .allMatch(line -> line.split("\\|")[2].strip().length() > 10);
  }

  private static String index() throws IOException {
    return Stream.of(
            table("The reason of a condition", "what it means", sections("docs/conditions.md")),
            table("An event", "what happened", events()),
            table("A failed or unknown check", "what is expected", sections("docs/checks.md")),
            table("A finding of the exposure audit", "what it means", findings()),
            table("An alert", "what it means", sections("docs/alerts.md")),
            table("A message of the API server", "field", messages()))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String table(String title, String meaning, Stream<String> entries) {
    return "\n## %s\n\n| I see | %s |\n| --- | --- |\n%s"
        .formatted(title, meaning, entries.sorted().collect(Collectors.joining("\n")));
  }

  private static String entry(String name, String page, String meaning) {
    return "| [`%s`](%s) | %s |".formatted(name, page, meaning);
  }

  /** Sections that are named by one word: what is seen. Their first sentence is the meaning. */
  private static Stream<String> sections(String page) throws IOException {
    List<String> lines = lines(page).toList();
    String file = page.substring("docs/".length());
    return IntStream.range(0, lines.size() - 1)
        .filter(i -> lines.get(i).matches("## [A-Za-z-]+"))
        .mapToObj(
            i -> {
              String name = lines.get(i).substring(3);
              String meaning = lines.get(i + 1).replace("*Meaning:* ", "");
              return entry(name, file + "#" + name.toLowerCase(Locale.ROOT), meaning);
            });
  }

  private static Stream<String> events() throws IOException {
    return lines("docs/events.md")
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.split(" \\| "))
        .map(cells -> entry(cells[0].replaceAll("[|` ]", ""), "events.md", cells[2]));
  }

  private static Stream<String> findings() throws IOException {
    return lines("docs/exposure.md")
        .map(FINDING::matcher)
        .filter(Matcher::matches)
        .map(row -> entry(row.group(1), "exposure.md#" + row.group(1), row.group(2)));
  }

  /** Up to what to do: as many words as one searches for. The page of all fields has the rest. */
  private static Stream<String> messages() throws IOException {
    return lines("docs/custom-resource.md")
        .map(REFUSED::matcher)
        .filter(Matcher::matches)
        .collect(
            Collectors.groupingBy(
                rule -> rule.group(2).split("[;:,(] |[;:]")[0].strip(),
                Collectors.mapping(rule -> "`" + rule.group(1) + "`", Collectors.joining(", "))))
        .entrySet()
        .stream()
        .map(
            rule ->
                "| %s | [%s](custom-resource.md#what-is-refused) |"
                    .formatted(rule.getKey().replace("|", "\\|"), rule.getValue()));
  }

  private static Stream<String> lines(String page) throws IOException {
    return Files.readAllLines(Guarded.ROOT.resolve(page)).stream();
  }
}
