package io.securememcached.operator.resource;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * JSON with sorted keys and without what is empty: equal for what the API server takes as equal.
 */
final class SortedJson {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private SortedJson() {}

  static String write(Object value) {
    try {
      Object kept = canonical(MAPPER.convertValue(value, Object.class));
      return kept == null ? "" : MAPPER.writeValueAsString(kept);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a value of the spec can't be written as JSON", e);
    }
  }

  private static Object canonical(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      Map<String, Object> sorted = new TreeMap<>();
      map.forEach(
          (key, value) -> {
            Object kept = canonical(value);
            if (kept != null) {
              sorted.put(key.toString(), kept);
            }
          });
      return sorted.isEmpty() ? null : sorted;
    }
    if (tree instanceof List<?> list) {
      return list.isEmpty()
          ? null
          : list.stream().map(SortedJson::canonical).filter(Objects::nonNull).toList();
    }
    return tree;
  }
}
