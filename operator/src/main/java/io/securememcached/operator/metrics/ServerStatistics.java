package io.securememcached.operator.metrics;

import io.securememcached.operator.text.Quoted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the metrics need of a server's statistics: some KiB of text. A server with all 63 slab
 * classes takes less than 10 KiB.
 */
public final class ServerStatistics implements ScrapeOutcome {

  /** Ends each value of a slab class, also one that is not given. */
  private static final char END = ' ';

  /** The values of one series after the other, as the server wrote them. */
  private final String values;

  /** Where the values of each series end. */
  private final int[] ends;

  private final List<String> itemClasses;
  private final List<String> slabClasses;
  private final Optional<String> error;

  private ServerStatistics(String values, int[] ends, Answers answers, Optional<String> error) {
    this.values = values;
    this.ends = ends;
    itemClasses = numbers(answers, StatisticsGroup.ITEMS);
    slabClasses = numbers(answers, StatisticsGroup.SLABS);
    this.error = error;
  }

  /**
   * Keeps what some metric needs.
   *
   * @param general answer to a STAT without a group, as {@code Statistics.values()} has it; the
   *     others are those of the groups with their names
   */
  public static ServerStatistics of(
      Map<String, Quoted> general,
      Map<String, Quoted> settings,
      Map<String, Quoted> items,
      Map<String, Quoted> slabs) {
    Answers answers =
        new Answers(
            Map.of(
                StatisticsGroup.GENERAL, general,
                StatisticsGroup.SETTINGS, settings,
                StatisticsGroup.ITEMS, items,
                StatisticsGroup.SLABS, slabs));
    StringBuilder values = new StringBuilder();
    int[] ends = new int[Metrics.SERIES.size()];
    List<String> errors = new ArrayList<>();
    for (int i = 0; i < ends.length; i++) {
      append(Metrics.SERIES.get(i), answers, values, errors);
      ends[i] = values.length();
    }
    return new ServerStatistics(values.toString(), ends, answers, errors.stream().findFirst());
  }

  private static void append(
      Series series, Answers answers, StringBuilder values, List<String> errors) {
    int start = values.length();
    boolean isGiven = false;
    for (Map<String, String> row : answers.rows(series.group())) {
      String value = "";
      try {
        value = series.value(row).orElse("");
      } catch (InvalidStatisticException e) {
        errors.add(e.getMessage());
      }
      values.append(value);
      if (series.group().isPerSlabClass()) {
        values.append(END);
      }
      isGiven |= !value.isEmpty();
    }
    if (!isGiven) {
      values.setLength(start);
    }
  }

  /** Most servers have the same classes, so these are shared. */
  private static List<String> numbers(Answers answers, StatisticsGroup group) {
    return answers.classes(group).stream().map(number -> number.toString().intern()).toList();
  }

  /** Which statistic can't be read; then {@code memcached_up} is 0. */
  public Optional<String> error() {
    return error;
  }

  /**
   * The sum of a metric's samples.
   *
   * @param metric its name, with {@code memcached_}
   * @param labels that the samples must have, each as {@code name="value"}
   * @return empty if the server gives none of them
   * @throws IllegalArgumentException if there is no such metric
   */
  public OptionalDouble sum(String metric, String... labels) {
    Metric definition =
        Metrics.ALL.stream()
            .filter(one -> one.name().equals(metric))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no metric " + metric));
    List<Double> samples = new ArrayList<>();
    for (Series series : definition.series()) {
      if (Arrays.stream(labels).allMatch(series.labels()::contains)) {
        forEach(
            Metrics.SERIES.indexOf(series),
            (slabClass, text, start, end) ->
                samples.add(Double.valueOf(text.substring(start, end))));
      }
    }
    return samples.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(samples.stream().mapToDouble(Double::doubleValue).sum());
  }

  /** Whether the server gives a value of a series. */
  boolean has(int series) {
    return ends[series] > start(series);
  }

  /** Receives a value as a part of a text. */
  interface Receiver {
    void value(String slabClass, String text, int start, int end);
  }

  /**
   * Passes on the values of a series that the server gives.
   *
   * @param series index in {@link Metrics#SERIES}
   */
  void forEach(int series, Receiver receiver) {
    int start = start(series);
    StatisticsGroup group = Metrics.SERIES.get(series).group();
    if (start == ends[series]) {
      return;
    }
    if (!group.isPerSlabClass()) {
      receiver.value("", values, start, ends[series]);
      return;
    }
    for (String number : group == StatisticsGroup.ITEMS ? itemClasses : slabClasses) {
      int end = values.indexOf(END, start);
      if (end > start) {
        receiver.value(number, values, start, end);
      }
      start = end + 1;
    }
  }

  private int start(int series) {
    return series == 0 ? 0 : ends[series - 1];
  }
}
