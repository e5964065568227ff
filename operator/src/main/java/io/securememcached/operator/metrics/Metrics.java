package io.securememcached.operator.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** All metrics of servers, by name. */
final class Metrics {

  static final List<Metric> ALL =
      Stream.of(GeneralMetrics.all(), SlabMetrics.all(), FeatureMetrics.all())
          .flatMap(List::stream)
          .sorted(Comparator.comparing(Metric::name))
          .toList();

  /** The series of all metrics, in the order of these. */
  static final List<Series> SERIES =
      ALL.stream().flatMap(metric -> metric.series().stream()).toList();

  private Metrics() {}
}
