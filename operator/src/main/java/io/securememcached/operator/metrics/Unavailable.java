package io.securememcached.operator.metrics;

import java.util.Locale;

/** Why {@code memcached_up} is 0: value of the label of {@code memcached_unavailable}. */
public enum Unavailable implements ScrapeOutcome {
  /** Nothing accepts connections at the server's address. */
  CONNECT("The server accepts no connection"),
  /** The server did not answer in time. */
  TIMEOUT("The server did not answer in time"),
  /** The server reports that it is at its connection limit. */
  FULL("The server is at its connection limit"),
  /** The server refused the exporter's login. */
  LOGIN_REJECTED("The server refused the exporter's login"),
  /** The connection ended early, or the answer was none of memcached's binary protocol. */
  PROTOCOL("The connection ended early, or the answer was not memcached's binary protocol"),
  /** The server refused to give a group of statistics. */
  STATISTICS_REFUSED("The server refused to give its statistics"),
  /** A statistic is no number, or one that each server gives is missing. */
  INVALID_STATISTICS("A statistic is not a number, or is missing though every server gives it"),
  /** The pod has no address yet. */
  NO_ADDRESS("The pod has no address yet"),
  /** There is no login for the exporter yet. */
  NO_LOGIN("The exporter has no login for the resource yet"),
  /** The server listens on the pod's loopback only. */
  LOOPBACK("The server listens on the loopback interface only"),
  /** None of these. */
  ERROR("Another failure; the exporter's log has it");

  private final String meaning;

  Unavailable(String meaning) {
    this.meaning = meaning;
  }

  /** Value of the label. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** One sentence without a full stop, for the docs. */
  public String meaning() {
    return meaning;
  }
}
