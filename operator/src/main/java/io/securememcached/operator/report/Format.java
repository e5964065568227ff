package io.securememcached.operator.report;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The forms of a report; docs/verify.md describes them. */
public enum Format {
  /** A row for each check. */
  TABLE,
  /** A row for each step of the manual guide, in its order. */
  GUIDE,
  /** For programs. */
  JSON,
  /** For pipelines: a test case for each server and check. */
  JUNIT;

  /**
   * The format of this name.
   *
   * @throws IllegalArgumentException naming the valid formats
   */
  public static Format of(String name) {
    return Arrays.stream(values())
        .filter(format -> format.id().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid -o '"
                        + name
                        + "': expected one of "
                        + Arrays.stream(values())
                            .map(Format::id)
                            .collect(Collectors.joining(", "))));
  }

  private String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The report as text that ends with a line break.
   *
   * @param width of the table, in columns
   */
  public String render(ResourceReport report, int width) {
    return switch (this) {
      case TABLE -> TableReport.render(report, width, TableReport::checks);
      case GUIDE -> TableReport.render(report, width, TableReport::steps);
      case JSON -> JsonReport.render(report);
      case JUNIT -> JunitReport.render(report);
    };
  }
}
