package io.securememcached.operator.metrics;

import java.util.Map;

/**
 * What a server must run with for some of its statistics to count. memcached gives some of them
 * without, too, and prometheus/memcached_exporter then leaves them out.
 */
enum Feature {
  /** Always. */
  ANY("", ""),
  /** Items on flash, {@code -o ext_path}. */
  EXTSTORE("extstore_limit_maxbytes", ""),
  /** The proxy, {@code -o proxy_config}. */
  PROXY("proxy_backend_total", ""),
  /** The thread that removes expired items, on by default in 1.6. */
  LRU_CRAWLER("lru_crawler", "yes");

  private final String key;
  private final String value;

  Feature(String key, String value) {
    this.key = key;
    this.value = value;
  }

  /** Whether the server runs with it, by the statistics of the same group. */
  boolean isOn(Map<String, String> statistics) {
    String given = statistics.get(key);
    return this == ANY || given != null && (value.isEmpty() || given.equals(value));
  }
}
