package io.securememcached.operator.scrape;

import io.securememcached.operator.text.Quoted;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One object for equal settings of servers: a thousand servers have few different ones. */
final class SharedSettings {

  private static final int MOST = 64;

  /** The address that a server listens on, which is no metric and never equal. */
  private static final String ADDRESS = "inter";

  private final LinkedHashMap<Map<String, Quoted>, Map<String, Quoted>> known =
      new LinkedHashMap<>(16, 0.75f, true);

  synchronized Map<String, Quoted> shared(Map<String, Quoted> settings) {
    Map<String, Quoted> own = new HashMap<>(settings);
    own.remove(ADDRESS);
    Map<String, Quoted> first = known.computeIfAbsent(Map.copyOf(own), copy -> copy);
    if (known.size() > MOST) {
      known.remove(known.firstEntry().getKey());
    }
    return first;
  }
}
