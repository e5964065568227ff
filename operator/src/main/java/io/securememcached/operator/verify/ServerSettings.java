package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.Statistics;
import io.securememcached.operator.text.Quoted;
import java.util.Optional;

/** The server's settings, as far as it reports them. */
final class ServerSettings {

  /** The group of STAT. */
  static final String GROUP = "settings";

  private Optional<String> udpPort = Optional.empty();

  /** Adds what is present; earlier settings are kept. */
  void learn(Statistics statistics) {
    udpPort =
        Optional.ofNullable(statistics.values().get("udpport")).map(Quoted::text).or(() -> udpPort);
  }

  /**
   * Requests the settings. Without a response they stay unknown, which the check that needs them
   * reports.
   */
  void learnFrom(MemcachedClient client) {
    try {
      learn(client.statistics(GROUP));
    } catch (MemcachedException e) {
      return;
    }
  }

  /** Port of UDP, "0" if it is off; empty if the server did not report it. */
  Optional<String> udpPort() {
    return udpPort;
  }
}
