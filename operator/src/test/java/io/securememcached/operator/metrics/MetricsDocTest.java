package io.securememcached.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/metrics.md are made from the definitions and the recorded statistics. */
class MetricsDocTest {

  private static final String PAGE = "docs/metrics.md";

  private static final String BEGIN = "<!-- Generated: the metrics of servers -->\n";

  private static final String END = "<!-- End of the generated part -->\n";

  @Test
  void tablesAreMadeFromTheDefinitions() throws IOException {
    String page = Files.readString(Guarded.ROOT.resolve(PAGE));
    assertThat(page).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
    String start = page.substring(0, page.indexOf(BEGIN) + BEGIN.length());
    Guarded.assertUpToDate(PAGE, start + tables() + page.substring(page.indexOf(END)));
  }

  private static String tables() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        """

        ### Why a server is down
        | `reason` | meaning |
        | --- | --- |
        """);
    Arrays.stream(Unavailable.values())
        .map(reason -> "| `%s` | %s |\n".formatted(reason.label(), reason.meaning()))
        .forEach(text::append);
    Map<String, Set<String>> byFlavor = namesByFlavor();
    text.append("\n### Metrics that memcached_exporter lacks\n");
    table(text, Metrics.ALL.stream().filter(Metric::isOwn).toList(), byFlavor);
    text.append("\n### Metrics of memcached_exporter\n");
    table(text, Metrics.ALL.stream().filter(metric -> !metric.isOwn()).toList(), byFlavor);
    return text.append('\n').toString();
  }

  private static void table(
      StringBuilder text, List<Metric> metrics, Map<String, Set<String>> byFlavor) {
    text.append("| metric | type | labels | statistic | flavor | meaning |\n");
    text.append("| --- | --- | --- | --- | --- | --- |\n");
    for (Metric metric : metrics) {
      text.append(
          "| `%s` | %s | %s | %s | %s | %s |\n"
              .formatted(
                  metric.name(),
                  types(metric),
                  code(metric.labels().stream()),
                  statistics(metric),
                  flavors(metric, byFlavor),
                  metric.help()));
    }
  }

  private static String types(Metric metric) {
    return metric.types().stream().map(MetricType::text).collect(Collectors.joining(" or "));
  }

  private static String statistics(Metric metric) {
    Map<StatisticsGroup, List<String>> keys = new LinkedHashMap<>();
    for (Series series : metric.series()) {
      String less = series.minus().isEmpty() ? "" : " less " + code(series.minus().stream());
      keys.computeIfAbsent(series.group(), group -> new ArrayList<>())
          .add("`%s`%s".formatted(series.key(), less));
    }
    return keys.entrySet().stream()
        .map(
            entry ->
                (entry.getKey() == StatisticsGroup.GENERAL ? "" : entry.getKey().key() + ": ")
                    + String.join(", ", entry.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String flavors(Metric metric, Map<String, Set<String>> byFlavor) {
    if (metric.series().isEmpty()) {
      return "all";
    }
    List<String> flavors =
        byFlavor.entrySet().stream()
            .filter(entry -> entry.getValue().contains(metric.name()))
            .map(Map.Entry::getKey)
            .toList();
    return flavors.size() == byFlavor.size()
        ? "all"
        : flavors.isEmpty() ? "none" : String.join(", ", flavors);
  }

  /** Which metrics a server of a flavor has, as it was recorded. */
  private static Map<String, Set<String>> namesByFlavor() throws IOException {
    Map<String, Set<String>> names = new LinkedHashMap<>();
    names.put(
        "CentOS7", PrometheusText.parse(GoldenExpositionTest.text("1.4.15")).families().keySet());
    // 1.6.45 has the statistics of 1.6.18.
    names.put(
        "Debian12, Debian13",
        PrometheusText.parse(GoldenExpositionTest.text("1.6.18")).families().keySet());
    return names;
  }

  private static String code(Stream<String> names) {
    return names.map(name -> "`" + name + "`").collect(Collectors.joining(", "));
  }
}
