package io.securememcached.operator.metrics;

import java.util.Locale;

/** Type of a metric, as prometheus/memcached_exporter declares it. */
public enum MetricType {
  /** Goes up, and down. */
  GAUGE,
  /** Only goes up, until the server restarts. */
  COUNTER;

  /** As a TYPE line has it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
