package io.securememcached.operator.metrics;

import io.securememcached.operator.text.Quoted;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The four groups of a server's statistics, those of slab classes by class. */
final class Answers {

  /** The class's number is of one byte in memcached. */
  private static final int LARGEST_CLASS = 255;

  private static final int LONGEST_NUMBER = 3;

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
    int number = group.prefix().length();
    int colon = key.indexOf(':', number);
    if (colon < 0) {
      // The total_malloced of slabs, which is of the whole server.
      plain.get(StatisticsGroup.GENERAL).put(key, value);
    } else if (key.startsWith(group.prefix())) {
      int slabClass = slabClass(key, number, colon);
      if (slabClass <= LARGEST_CLASS) {
        bySlabClass
            .get(group)
            .computeIfAbsent(slabClass, any -> new HashMap<>())
            .put(key.substring(colon + 1), value);
      }
    }
  }

  /** The number in a key; a larger one than the largest if there is none. */
  private static int slabClass(String key, int start, int end) {
    int number = start == end || end - start > LONGEST_NUMBER ? LARGEST_CLASS + 1 : 0;
    for (int i = start; i < end && number <= LARGEST_CLASS; i++) {
      char digit = key.charAt(i);
      number = digit >= '0' && digit <= '9' ? 10 * number + digit - '0' : LARGEST_CLASS + 1;
    }
    return number;
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
