package io.securememcached.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The text for recorded statistics, beside what prometheus/memcached_exporter makes of the same
 * ones: exporter.txt, which {@link MemcachedExporterIT} keeps equal to it.
 */
class GoldenExpositionTest {

  static final List<String> VERSIONS = RecordedStatistics.ALL;

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void textIsGolden(String version) throws IOException {
    Guarded.assertUpToDate(RecordedStatistics.file(version, "metrics.txt"), text(version));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void metricsOfTheExporterAreAllThere(String version) throws IOException {
    PrometheusText metrics = PrometheusText.parse(text(version));
    assertThat(metrics.without(own()).lines()).isEqualTo(exporters(version).lines());
  }

  /** What the exporter has not is what the definitions call their own. */
  @ParameterizedTest
  @FieldSource("VERSIONS")
  void otherMetricsAreMarkedAsOwn(String version) throws IOException {
    Set<String> more = PrometheusText.parse(text(version)).names();
    more.removeAll(exporters(version).names());
    assertThat(own()).containsAll(more);
    assertThat(more)
        .contains("memcached_auth_commands_total", "memcached_auth_errors_total")
        .contains("memcached_threads");
    assertThat(own()).doesNotContainAnyElementsOf(exporters(version).names());
  }

  /** The counter-example: each of these would break a dashboard. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          memcached_uptime_seconds                        | memcached_uptime_seconds_total
          # TYPE memcached_slab_items_moves_to_cold counter | # TYPE memcached_slab_items_moves_to_cold gauge
          status="badval"                                 | status="mismatch"
          command="get",status="hit"} 181                 | command="get",status="hit"} 182
          ,lru="hot"                                      | ,lru="HOT"
          """)
  void aDifferenceIsFound(String ours, String other) throws IOException {
    String version = "1.6.18";
    assertThat(text(version)).contains(ours);
    PrometheusText changed = PrometheusText.parse(text(version).replace(ours, other));
    assertThat(changed.without(own()).lines()).isNotEqualTo(exporters(version).lines());
  }

  @Test
  void eachMetricIsCompared() throws IOException {
    Set<String> compared = new TreeSet<>();
    for (String version : VERSIONS) {
      compared.addAll(exporters(version).names());
    }
    assertThat(compared)
        .as("metrics of memcached_exporter 0.16.0")
        .hasSize(103)
        .containsExactlyElementsOf(
            Metrics.ALL.stream().filter(metric -> !metric.isOwn()).map(Metric::name).toList());
  }

  @Test
  void definitionsAreComplete() {
    assertThat(Metrics.ALL.stream().map(Metric::name)).doesNotHaveDuplicates().isSorted();
    for (Metric metric : Metrics.ALL) {
      assertThat(metric.help())
          .as("a text that need not be escaped")
          .matches("[^\\\\\n]*\\.")
          .doesNotContain("  ");
      Set<String> labels = new TreeSet<>(metric.labels());
      labels.remove(Metric.SLAB);
      metric.series().stream()
          .filter(series -> series.form() != Form.LABEL)
          .forEach(
              series ->
                  assertThat(series.labels().replaceAll("=\"[a-z]+\"", ""))
                      .as(metric.name())
                      .isEqualTo(labels.stream().map(label -> "," + label).collect(joined())));
      assertThat(metric.series().stream().map(series -> series.group() + series.labels()))
          .as(metric.name())
          .doesNotHaveDuplicates();
    }
  }

  private static Collector<CharSequence, ?, String> joined() {
    return Collectors.joining();
  }

  static String text(String version) throws IOException {
    StringBuilder out = new StringBuilder();
    Exposition.write(
        List.of(
            new ServerSample(
                "shop", "cart", "cart-0", RecordedStatistics.of(version).statistics())),
        out);
    return out.toString();
  }

  static Set<String> own() {
    return Metrics.ALL.stream().filter(Metric::isOwn).map(Metric::name).collect(Collectors.toSet());
  }

  private static PrometheusText exporters(String version) throws IOException {
    return PrometheusText.parse(
        Files.readString(Guarded.ROOT.resolve(RecordedStatistics.file(version, "exporter.txt"))));
  }
}
