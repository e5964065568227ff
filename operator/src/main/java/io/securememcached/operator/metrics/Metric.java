package io.securememcached.operator.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A family of samples with one name.
 *
 * @param name with {@code memcached_}
 * @param help one sentence
 * @param labels beside those of each sample, which say whose it is
 * @param series where the samples come from, none of which have the same labels; empty if from no
 *     statistic
 * @param isOwn whether prometheus/memcached_exporter has none of this name
 */
record Metric(String name, String help, List<String> labels, List<Series> series, boolean isOwn) {

  /** The label of a sample of a slab class. */
  static final String SLAB = "slab";

  Metric {
    labels = List.copyOf(labels);
    series = List.copyOf(series);
  }

  /**
   * Begins a definition.
   *
   * @param name without {@code memcached_}
   */
  static Metric of(String name, String help, Series... series) {
    List<Series> all = Arrays.asList(series);
    List<String> labels =
        all.stream().anyMatch(one -> one.group().isPerSlabClass()) ? List.of(SLAB) : List.of();
    return new Metric("memcached_" + name, help, labels, all, false);
  }

  Metric labels(String... more) {
    return new Metric(
        name, help, Stream.concat(labels.stream(), Stream.of(more)).toList(), series, isOwn);
  }

  Metric own() {
    return new Metric(name, help, labels, series, true);
  }

  Metric with(Feature feature) {
    return new Metric(
        name, help, labels, series.stream().map(one -> one.with(feature)).toList(), isOwn);
  }

  Metric in(Form form) {
    return new Metric(name, help, labels, series.stream().map(one -> one.in(form)).toList(), isOwn);
  }

  /** Types that its series have: one, or two if versions of memcached differ. */
  List<MetricType> types() {
    return series.isEmpty()
        ? List.of(MetricType.GAUGE)
        : series.stream().map(Series::type).distinct().toList();
  }

  /** A metric for each line of name, key and help. */
  static List<Metric> table(MetricType type, StatisticsGroup group, String lines) {
    List<Metric> metrics = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      String[] cells = line.split("\\s+", 3);
      metrics.add(of(cells[0], cells[2], Series.of(type, group, cells[1])));
    }
    return List.copyOf(metrics);
  }
}
