package io.securememcached.operator.metrics;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One value of a server, or one of each of its slab classes.
 *
 * @param type of the metric when this gives its value
 * @param group that has the statistic
 * @param key of the statistic, without a slab class
 * @param feature that the server must run with
 * @param minus keys of what is subtracted; if there are any, the server must give all of them
 * @param labels those that tell it from the metric's other series, as they are written after others
 */
record Series(
    MetricType type,
    StatisticsGroup group,
    String key,
    Form form,
    Feature feature,
    List<String> minus,
    String labels) {

  Series {
    minus = List.copyOf(minus);
  }

  static Series of(MetricType type, StatisticsGroup group, String key) {
    return new Series(type, group, key, Form.NUMBER, Feature.ANY, List.of(), "");
  }

  /**
   * Requests with an outcome, such as {@code get} with {@code hit}.
   *
   * @param key of the statistic
   */
  static Series ofRequests(StatisticsGroup group, String key, String command, String status) {
    return of(MetricType.COUNTER, group, key).label("command", command).label("status", status);
  }

  Series in(Form other) {
    return new Series(type, group, key, other, feature, minus, labels);
  }

  Series with(Feature other) {
    return new Series(type, group, key, form, other, minus, labels);
  }

  Series minus(String... keys) {
    return new Series(type, group, key, form, feature, List.of(keys), labels);
  }

  /** Adds a label; neither part has a character that must be escaped. */
  Series label(String name, String value) {
    return new Series(
        type, group, key, form, feature, minus, "%s,%s=\"%s\"".formatted(labels, name, value));
  }

  /**
   * The value as Prometheus reads it; empty if the server does not give it.
   *
   * @param statistics of the group, or of one slab class in it
   * @throws InvalidStatisticException if a text is no value
   */
  Optional<String> value(Map<String, String> statistics) throws InvalidStatisticException {
    String given = statistics.get(key);
    if (!feature.isOn(statistics) || given == null && minus.isEmpty()) {
      return Optional.empty();
    }
    String value = read(statistics, key);
    if (minus.isEmpty()) {
      return Optional.of(value);
    }
    BigDecimal rest = new BigDecimal(value);
    for (String less : minus) {
      rest = rest.subtract(new BigDecimal(read(statistics, less)));
    }
    return Optional.of(rest.toPlainString());
  }

  private String read(Map<String, String> statistics, String name)
      throws InvalidStatisticException {
    String given = statistics.get(name);
    if (given == null) {
      throw new InvalidStatisticException("the statistic " + name + " is missing");
    }
    return form.value(given)
        .orElseThrow(
            () ->
                new InvalidStatisticException(
                    "the statistic %s has the value '%s', which can't be read"
                        .formatted(name, given)));
  }
}
