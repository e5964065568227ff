package io.securememcached.operator.metrics;

import io.securememcached.operator.text.Quoted;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The four groups of a server's statistics, those of slab classes by class. */
final class Answers {

  /** The class's number is of one byte in memcached. */
  private static final Pattern CLASS = Pattern.compile("(\\d{1,3}):(\\w+)");

  private static final int LARGEST_CLASS = 255;

  private final Map<StatisticsGroup, Map<String, String>> plain =
      new EnumMap<>(StatisticsGroup.class);
  private final Map<StatisticsGroup, SortedMap<Integer, Map<String, String>>> bySlabClass =
      new EnumMap<>(StatisticsGroup.class);

  Answers(Map<StatisticsGroup, Map<String, Quoted>> given) {
    for (StatisticsGroup group : StatisticsGroup.values()) {
      plain.put(group, new HashMap<>());
      bySlabClass.put(group, new TreeMap<>());
    }
    given.forEach((group, values) -> values.forEach((key, value) -> add(group, key, value.text())));
  }

  private void add(StatisticsGroup group, String key, String value) {
    if (!group.isPerSlabClass()) {
      plain.get(group).put(key, value);
      return;
    }
    String rest = key.startsWith(group.prefix()) ? key.substring(group.prefix().length()) : "";
    Matcher parts = CLASS.matcher(rest);
    if (parts.matches() && Integer.parseInt(parts.group(1)) <= LARGEST_CLASS) {
      bySlabClass
          .get(group)
          .computeIfAbsent(Integer.valueOf(parts.group(1)), number -> new HashMap<>())
          .put(parts.group(2), value);
    } else if (key.indexOf(':') < 0) {
      // The total_malloced of slabs, which is of the whole server.
      plain.get(StatisticsGroup.GENERAL).put(key, value);
    }
  }

  /** Numbers of the slab classes in a group, ascending. */
  List<Integer> classes(StatisticsGroup group) {
    return List.copyOf(bySlabClass.get(group).keySet());
  }

  /** What a series is read from: one map for the server, or one for each slab class. */
  List<Map<String, String>> rows(StatisticsGroup group) {
    return group.isPerSlabClass()
        ? List.copyOf(bySlabClass.get(group).values())
        : List.of(plain.get(group));
  }
}
