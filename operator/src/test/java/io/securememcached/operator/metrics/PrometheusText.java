package io.securememcached.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Metrics in Prometheus' text format.
 *
 * @param families by name
 */
record PrometheusText(SortedMap<String, Family> families) {

  /** Labels that the exporter's samples have not, as it knows one server only. */
  static final List<String> OWN_LABELS = List.of("namespace", "name", "pod");

  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");

  private static final Pattern LABEL = Pattern.compile("(\\w+)=(\"(?:[^\"\\\\]|\\\\.)*\"),?");

  /**
   * A metric.
   *
   * @param samples values by labels, sorted by name
   */
  record Family(String type, SortedMap<String, Double> samples) {}

  static PrometheusText parse(String text) {
    SortedMap<String, Family> families = new TreeMap<>();
    text.lines()
        .forEach(
            line -> {
              if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ");
                assertThat(families.put(words[2], new Family(words[3], new TreeMap<>())))
                    .as("a second %s", line)
                    .isNull();
              } else if (!line.startsWith("#")) {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                String labels = sample.group(2) == null ? "" : sorted(sample.group(2));
                assertThat(
                        families
                            .get(sample.group(1))
                            .samples()
                            .put(labels, Double.valueOf(sample.group(3))))
                    .as("a second sample with the labels of %s", line)
                    .isNull();
              }
            });
    return new PrometheusText(families);
  }

  private static String sorted(String labels) {
    return LABEL
        .matcher(labels)
        .results()
        .map(label -> label.group(1) + "=" + label.group(2))
        .filter(label -> !OWN_LABELS.contains(label.substring(0, label.indexOf('='))))
        .sorted()
        .collect(Collectors.joining(","));
  }

  /** Without some metrics. */
  PrometheusText without(Iterable<String> names) {
    SortedMap<String, Family> rest = new TreeMap<>(families);
    names.forEach(rest::remove);
    return new PrometheusText(rest);
  }

  /** One line for each type and each sample, so that a difference is easy to read. */
  String lines() {
    StringBuilder lines = new StringBuilder();
    families.forEach(
        (name, family) -> {
          lines.append("%s %s%n".formatted(name, family.type()));
          family.samples().forEach((labels, value) -> lines.append(line(name, labels, value)));
        });
    return lines.toString();
  }

  private static String line(String name, String labels, Double value) {
    return "%s{%s} %s%n".formatted(name, labels, value);
  }

  /** Values by metric and labels, those of some metrics. */
  Map<String, Double> values(Iterable<String> names) {
    Map<String, Double> values = new TreeMap<>();
    for (String name : names) {
      Family family = families.get(name);
      if (family != null) {
        family.samples().forEach((labels, value) -> values.put(name + "{" + labels + "}", value));
      }
    }
    return values;
  }

  TreeSet<String> names() {
    return new TreeSet<>(families.keySet());
  }
}
