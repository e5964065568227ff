package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.Statistics;
import io.securememcached.operator.text.Quoted;
import java.util.Optional;

/** What the server tells of its own settings, to whom it tells them. */
final class Settings {

  /** The group of STAT. */
  static final String GROUP = "settings";

  private Optional<String> udpPort = Optional.empty();

  /** Takes what is there; settings that were told before stay. */
  void learn(Statistics statistics) {
    udpPort =
        Optional.ofNullable(statistics.values().get("udpport")).map(Quoted::text).or(() -> udpPort);
  }

  /** Asks for them. Without an answer they stay unknown, which the check that needs them tells. */
  void learnFrom(MemcachedClient client) {
    try {
      learn(client.statistics(GROUP));
    } catch (MemcachedException e) {
      return;
    }
  }

  /** Port of UDP, "0" if it is off; empty if the server did not tell. */
  Optional<String> udpPort() {
    return udpPort;
  }
}
