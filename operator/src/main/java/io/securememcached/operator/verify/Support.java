package io.securememcached.operator.verify;

import java.time.LocalDate;

/** Whether an image's distribution still publishes security updates. */
public enum Support {
  SUPPORTED,
  ENDED,
  /** The distribution is unknown. */
  UNKNOWN;

  /**
   * State on a day. The last day counts as supported.
   *
   * @param today in UTC
   */
  public static Support of(Distribution distribution, LocalDate today) {
    return distribution
        .lastFixes()
        .map(last -> today.isAfter(last) ? ENDED : SUPPORTED)
        .orElse(UNKNOWN);
  }
}
