package io.securememcached.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The metrics beside those of prometheus/memcached_exporter for the same server: a memcached 1.6
 * that needs no login, as the exporter has none, and recorded statistics of both versions.
 */
class MemcachedExporterIT {

  static final List<String> VERSIONS = RecordedStatistics.ALL;

  /** What the exporter's own scrape changes, or the time between it and ours. */
  private static final Map<String, String> CHANGES =
      Map.ofEntries(
          Map.entry("memcached_time_seconds", "the clock"),
          Map.entry("memcached_uptime_seconds", "the clock"),
          Map.entry("memcached_slab_items_age_seconds", "the clock"),
          Map.entry("memcached_slab_hot_age_seconds", "the clock"),
          Map.entry("memcached_slab_warm_age_seconds", "the clock"),
          Map.entry("memcached_process_user_cpu_seconds_total", "answering takes time"),
          Map.entry("memcached_process_system_cpu_seconds_total", "answering takes time"),
          Map.entry("memcached_read_bytes_total", "the commands themselves"),
          Map.entry("memcached_written_bytes_total", "the answers themselves"),
          Map.entry("memcached_connections_total", "each scrape has connections of its own"));

  /** As for the others, but it can be larger than before and after the exporter's scrape. */
  private static final String CONNECTIONS = "memcached_current_connections";

  @TempDir private Path folder;

  @Test
  void metricsOfARealServerAreTheExporters() throws Exception {
    List<String> options = List.of("-U", "0", "-l", "127.0.0.1", "-m", "2");
    try (RealMemcached server = RealMemcached.start(folder, options);
        MemcachedExporter exporter =
            MemcachedExporter.start(server.address(), folder.resolve("exporter.log"));
        MemcachedClient client = server.connect()) {
      try (TextTraffic traffic = new TextTraffic(server.address())) {
        traffic.run();
      }
      awaitBackgroundThreads(client);
      PrometheusText before = PrometheusText.parse(ours(client));
      PrometheusText theirs = PrometheusText.parse(exporter.scrape());
      PrometheusText after = PrometheusText.parse(ours(client));

      Set<String> left = GoldenExpositionTest.own();
      assertThat(after.without(left).names()).isEqualTo(theirs.names());
      theirs
          .families()
          .forEach(
              (name, family) ->
                  assertThat(after.families().get(name).type()).as(name).isEqualTo(family.type()));
      assertThat(
              after.without(left).without(CHANGES.keySet()).without(List.of(CONNECTIONS)).lines())
          .isEqualTo(theirs.without(CHANGES.keySet()).without(List.of(CONNECTIONS)).lines());
      assertThat(theirs.values(CHANGES.keySet()).keySet())
          .isEqualTo(after.values(CHANGES.keySet()).keySet());
      Map<String, Double> latest = after.values(CHANGES.keySet());
      Map<String, Double> earliest = before.values(CHANGES.keySet());
      theirs
          .values(CHANGES.keySet())
          .forEach(
              (sample, value) ->
                  assertThat(value).as(sample).isBetween(earliest.get(sample), latest.get(sample)));
      assertThat(theirs.values(List.of(CONNECTIONS)))
          .hasSameSizeAs(after.values(List.of(CONNECTIONS)));
      assertTrafficIsSeen(theirs);
    }
  }

  /** All zeros would be equal, too. */
  private static void assertTrafficIsSeen(PrometheusText metrics) {
    Map<String, Double> values =
        metrics.values(
            List.of(
                "memcached_commands_total",
                "memcached_items_evicted_total",
                "memcached_item_too_large_total",
                "memcached_slab_commands_total",
                "memcached_slab_items_evicted_total",
                "memcached_slab_lru_hits_total",
                "memcached_slab_mem_requested_bytes"));
    for (String command : List.of("get", "delete", "incr", "decr", "cas", "touch")) {
      for (String status : List.of("hit", "miss")) {
        assertThat(values)
            .hasEntrySatisfying(
                "memcached_commands_total{command=\"%s\",status=\"%s\"}".formatted(command, status),
                value -> assertThat(value).isPositive());
      }
    }
    Map<String, Double> sums = new TreeMap<>();
    values.forEach(
        (sample, value) ->
            sums.merge(sample.substring(0, sample.indexOf('{')), value, Double::sum));
    assertThat(sums).hasSize(7);
    assertThat(sums.values()).allMatch(sum -> sum > 0);
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void exportersMetricsOfRecordedStatisticsAreGolden(String version) throws Exception {
    try (ReplayedServer server = new ReplayedServer(RecordedStatistics.of(version));
        MemcachedExporter exporter =
            MemcachedExporter.start(server.address(), folder.resolve("exporter.log"))) {
      Guarded.assertUpToDate(RecordedStatistics.file(version, "exporter.txt"), exporter.scrape());
    }
  }

  private static String ours(MemcachedClient client) throws IOException {
    ServerStatistics statistics =
        ServerStatistics.of(
            client.statistics().values(),
            client.statistics("settings").values(),
            client.statistics("items").values(),
            client.statistics("slabs").values());
    StringBuilder out = new StringBuilder();
    Exposition.write(List.of(new ServerSample("shop", "cart", "cart-0", statistics)), out);
    return out.toString();
  }

  /** After the last request they still move items between the LRUs for a while. */
  private static void awaitBackgroundThreads(MemcachedClient client) {
    Map<String, Quoted> last = new TreeMap<>();
    await("the LRU maintainer to move no more items")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofSeconds(2))
        .until(
            () -> {
              Map<String, Quoted> now = new TreeMap<>(client.statistics("items").values());
              now.keySet().removeIf(key -> key.contains(":age"));
              boolean isQuiet = now.equals(last);
              last.clear();
              last.putAll(now);
              return isQuiet;
            });
  }
}
