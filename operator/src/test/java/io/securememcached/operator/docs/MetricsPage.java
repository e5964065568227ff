package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What docs/metrics.md says of the metrics of a process. */
public final class MetricsPage {

  private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z]\\w*)[{ ]");

  private MetricsPage() {}

  /**
   * Asserts that a table has each metric of a text and no other.
   *
   * @param absent metrics of the table that the text has not
   * @param prefixes of metrics that libraries bring, and the table need not list
   */
  public static void assertDocuments(
      String heading, String text, Set<String> absent, String... prefixes) throws IOException {
    Set<String> documented =
        Tables.rows("docs/metrics.md", heading)
            .flatMap(row -> Tables.namesIn(row).stream())
            .filter(name -> !name.endsWith("_"))
            .collect(Collectors.toSet());
    assertThat(documented).containsAll(absent);
    Set<String> expected = new TreeSet<>(documented);
    expected.removeAll(absent);
    Set<String> found =
        SAMPLE
            .matcher(text)
            .results()
            .map(MetricsPage::name)
            .filter(name -> documented.contains(name) || !startsWithOneOf(name, prefixes))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(found).as("metrics, compared with the page").isEqualTo(expected);
  }

  /** Without what the text format adds for timers. */
  private static String name(MatchResult sample) {
    return sample.group(1).replaceFirst("_(count|sum|max|bucket)$", "");
  }

  private static boolean startsWithOneOf(String name, String... prefixes) {
    return List.of(prefixes).stream().anyMatch(name::startsWith);
  }
}
