package io.securememcached.operator.memcached;

import io.securememcached.operator.text.Quoted;
import java.util.Map;

/**
 * All lines of a STAT, which come as one response each.
 *
 * @param code status of the last response, as the number that was sent
 * @param values by name; empty unless {@link #ok}
 */
public record Statistics(int code, Map<String, Quoted> values) implements Reply {

  /** Keeps a copy of the map. */
  public Statistics {
    values = Map.copyOf(values);
  }
}
