package io.securememcached.operator.exporter;

import io.securememcached.operator.metrics.ScrapeOutcome;
import io.securememcached.operator.metrics.ServerSample;
import io.securememcached.operator.metrics.ServerStatistics;
import io.securememcached.operator.metrics.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** The table of {@link TopCommand}: a line for each server, columns as wide as their texts. */
final class TopTable {

  private static final List<String> TITLE =
      List.of(
          "NAMESPACE",
          "NAME",
          "SERVER",
          "HIT RATIO",
          "ITEMS",
          "MEMORY",
          "CONNECTIONS",
          "EVICTIONS/S",
          "FAILED LOGINS");

  private static final String UNKNOWN = "-";
  private static final double MEBIBYTE = 1024 * 1024;

  private TopTable() {}

  /**
   * The table.
   *
   * @param first what the servers answered
   * @param second what the same servers answered later, which is shown; rates are from both
   * @param between time between the two
   */
  static String of(List<ServerSample> first, List<ServerSample> second, Duration between) {
    List<List<String>> rows = new ArrayList<>(List.of(TITLE));
    for (int i = 0; i < second.size(); i++) {
      ServerSample server = second.get(i);
      List<String> row = new ArrayList<>(List.of(server.namespace(), server.name(), server.pod()));
      row.addAll(cells(first.get(i).outcome(), server.outcome(), between));
      rows.add(row);
    }
    int[] widths =
        IntStream.range(0, TITLE.size())
            .map(column -> rows.stream().mapToInt(row -> length(row, column)).max().orElse(0))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        line.append(row.get(column))
            .append(" ".repeat(widths[column] - row.get(column).length() + 3));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static int length(List<String> row, int column) {
    return column < row.size() ? row.get(column).length() : 0;
  }

  private static List<String> cells(ScrapeOutcome first, ScrapeOutcome second, Duration between) {
    return switch (second) {
      case Unavailable reason ->
          List.of(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, reason.label());
      case ServerStatistics now ->
          List.of(
              ratio(now),
              number(now.sum("memcached_current_items")),
              memory(now),
              of(now.sum("memcached_current_connections"), now.sum("memcached_max_connections")),
              rate(first, now, between),
              number(now.sum("memcached_auth_errors_total")));
    };
  }

  private static String ratio(ServerStatistics now) {
    String gets = "memcached_commands_total";
    OptionalDouble hits = now.sum(gets, "command=\"get\"", "status=\"hit\"");
    OptionalDouble misses = now.sum(gets, "command=\"get\"", "status=\"miss\"");
    if (hits.isEmpty() || misses.isEmpty() || hits.getAsDouble() + misses.getAsDouble() == 0) {
      return UNKNOWN;
    }
    return String.format(
        Locale.ROOT,
        "%.1f%%",
        100 * hits.getAsDouble() / (hits.getAsDouble() + misses.getAsDouble()));
  }

  private static String memory(ServerStatistics now) {
    OptionalDouble used = now.sum("memcached_current_bytes");
    OptionalDouble limit = now.sum("memcached_limit_bytes");
    return used.isEmpty() || limit.isEmpty()
        ? UNKNOWN
        : String.format(
            Locale.ROOT,
            "%.1fMi/%.0fMi",
            used.getAsDouble() / MEBIBYTE,
            limit.getAsDouble() / MEBIBYTE);
  }

  private static String rate(ScrapeOutcome first, ServerStatistics now, Duration between) {
    String evictions = "memcached_items_evicted_total";
    OptionalDouble after = now.sum(evictions);
    OptionalDouble before =
        first instanceof ServerStatistics earlier ? earlier.sum(evictions) : OptionalDouble.empty();
    // A server that was restarted meanwhile counts from 0.
    return after.isEmpty() || before.isEmpty() || after.getAsDouble() < before.getAsDouble()
        ? UNKNOWN
        : String.format(
            Locale.ROOT,
            "%.1f",
            (after.getAsDouble() - before.getAsDouble()) * 1000 / between.toMillis());
  }

  private static String of(OptionalDouble part, OptionalDouble whole) {
    return number(part) + "/" + number(whole);
  }

  private static String number(OptionalDouble value) {
    return value.isEmpty() ? UNKNOWN : String.format(Locale.ROOT, "%.0f", value.getAsDouble());
  }
}
