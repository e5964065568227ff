package io.securememcached.operator.metrics;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a real memcached with a login answered to the STATs of the four groups, after hits, misses,
 * evictions, expired items and refused logins: as the text protocol has it.
 *
 * @param answers lines by command, such as {@code stats items}
 */
record RecordedStatistics(Map<String, List<String>> answers) {

  /**
   * Statistics of 1.6.18 with those of features added by hand, as no server of the operator runs
   * with these: a number of its own for each.
   */
  static final String FEATURES = "features";

  /** All that are recorded. */
  static final List<String> ALL = List.of("1.4.15", "1.6.18", FEATURES);

  /** Path of a version's file under the top level. */
  static String file(String version, String name) {
    return "operator/src/test/resources/metrics/" + version + "/" + name;
  }

  static RecordedStatistics of(String version) {
    Map<String, StringBuilder> answers = new LinkedHashMap<>();
    StringBuilder current = new StringBuilder();
    Path path = Guarded.ROOT.resolve(file(version, "statistics.txt"));
    try {
      for (String line : Files.readAllLines(path)) {
        if (line.startsWith("stats")) {
          current = new StringBuilder();
          answers.put(line, current);
        } else {
          current.append(line).append('\n');
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new RecordedStatistics(
        answers.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, answer -> answer.getValue().toString().lines().toList())));
  }

  ServerStatistics statistics() {
    return ServerStatistics.of(
        values("stats"), values("stats settings"), values("stats items"), values("stats slabs"));
  }

  /** As {@code Statistics.values()} has them. */
  Map<String, Quoted> values(String command) {
    Map<String, Quoted> values = new HashMap<>();
    for (String line : answers.get(command)) {
      String[] words = line.split(" ", 3);
      if (words[0].equals("STAT")) {
        values.put(words[1], Quoted.of(words[2]));
      }
    }
    return values;
  }
}
