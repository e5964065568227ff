package io.securememcached.operator.api.v1beta1;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Unmodifiable copies of what was read from JSON. The resource in the cache is handed out as it is,
 * so nothing may change it.
 */
final class Copies {

  private Copies() {}

  /**
   * The elements of a list; what a later version wrote in another form reads as null, and is left
   * out.
   */
  static <T> List<T> of(List<T> list) {
    return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
  }

  /** The entries of a map in their order; empty for none. */
  static <K, V> Map<K, V> of(Map<K, V> map) {
    return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
