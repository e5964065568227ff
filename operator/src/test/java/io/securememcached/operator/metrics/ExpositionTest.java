package io.securememcached.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpositionTest {

  /** What each server gives. */
  private static final Map<String, String> REQUIRED =
      Map.of("cmd_set", "7", "cas_misses", "1", "cas_hits", "2", "cas_badval", "3");

  private static final String LABELS = "namespace=\"shop\",name=\"cart\",pod=\"cart-0\"";

  @Test
  void aStatisticThatAServerDoesNotGiveIsLeftOut() throws IOException {
    assertThat(text(statistics(Map.of())))
        .isEqualTo(
            """
            # HELP memcached_commands_total Requests by command and by what came of them.
            # TYPE memcached_commands_total counter
            memcached_commands_total{LABELS,command="cas",status="hit"} 2
            memcached_commands_total{LABELS,command="cas",status="miss"} 1
            memcached_commands_total{LABELS,command="cas",status="badval"} 3
            memcached_commands_total{LABELS,command="set",status="hit"} 1
            # HELP memcached_up Whether the server answered, and all its statistics could be read.
            # TYPE memcached_up gauge
            memcached_up{LABELS} 1
            """
                .replace("LABELS", LABELS));
  }

  @ParameterizedTest
  @EnumSource(Unavailable.class)
  void aServerThatCantBeAskedIsDownForAReason(Unavailable reason) throws IOException {
    assertThat(text(reason))
        .isEqualTo(
            """
            # HELP memcached_unavailable Why memcached_up is 0; absent while it is 1.
            # TYPE memcached_unavailable gauge
            memcached_unavailable{LABELS,reason="REASON"} 1
            # HELP memcached_up Whether the server answered, and all its statistics could be read.
            # TYPE memcached_up gauge
            memcached_up{LABELS} 0
            """
                .replace("LABELS", LABELS)
                .replace("REASON", reason.label()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1 2", "0x10", "1e3", "NaN", "Infinity", "+1", "1."})
  void aValueThatIsNoNumberMakesTheServerDown(String value) throws IOException {
    ServerStatistics statistics =
        statistics(Map.of("curr_items", value, "bytes", "5", "total_items", "yes"));
    assertThat(statistics.error()).isPresent();
    assertThat(text(statistics))
        .contains("memcached_up{" + LABELS + "} 0\n")
        .contains("memcached_unavailable{" + LABELS + ",reason=\"invalid_statistics\"} 1\n")
        .as("what can be read is there all the same")
        .contains("memcached_current_bytes{" + LABELS + "} 5\n")
        .doesNotContain("memcached_items_total");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cmd_set", "cas_misses", "cas_hits", "cas_badval"})
  void aServerWithoutTheCountsOfSetsIsDown(String key) throws IOException {
    Map<String, String> rest = new HashMap<>(REQUIRED);
    rest.remove(key);
    ServerStatistics statistics = statistics(rest, Map.of(), Map.of(), Map.of());
    assertThat(statistics.error()).contains("the statistic " + key + " is missing");
    assertThat(text(statistics)).contains("memcached_up{" + LABELS + "} 0\n");
  }

  @ParameterizedTest
  @CsvSource({
    "curr_items, 0, memcached_current_items, 0",
    "curr_connections, 18446744073709551615, memcached_current_connections, 18446744073709551615",
    "time, -1, memcached_time_seconds, -1",
    "rusage_user, 12.000345, memcached_process_user_cpu_seconds_total, 12.000345",
    "rusage_user, 0.5, memcached_process_user_cpu_seconds_total, 0.000005",
    "time_in_listen_disabled_us, 1500000, memcached_connections_listener_disabled_seconds_total, 1.5",
    "time_in_listen_disabled_us, 0, memcached_connections_listener_disabled_seconds_total, 0",
    "auth_cmds, 3, memcached_auth_commands_total, 3",
    "auth_errors, 2, memcached_auth_errors_total, 2",
    "threads, 4, memcached_threads, 4"
  })
  void valuesOfAServer(String key, String given, String metric, String value) throws IOException {
    assertThat(text(statistics(Map.of(key, given))))
        .contains("\n%s{%s} %s\n".formatted(metric, LABELS, value))
        .contains("memcached_up{" + LABELS + "} 1\n");
  }

  @Test
  void labelValuesAreEscaped() throws IOException {
    StringBuilder out = new StringBuilder();
    ServerStatistics statistics = statistics(Map.of("version", "1.6\"18\\"));
    Exposition.write(List.of(new ServerSample("a\\b", "c\"d", "e\nf", statistics)), out);
    assertThat(out)
        .contains(
            """
            memcached_version{namespace="a\\\\b",name="c\\"d",pod="e\\nf",version="1.6\\"18\\\\"} 1
            """)
        .doesNotContain("e\nf");
  }

  @Test
  void slabClasses() throws IOException {
    ServerStatistics statistics =
        statistics(
            REQUIRED,
            Map.of(),
            Map.of("items:12:number", "3", "items:5:number", "4", "items:5:hits_to_temp", "9"),
            Map.of(
                "5:chunk_size", "240",
                "5:cmd_set", "8",
                "5:cas_hits", "1",
                "5:cas_badval", "2",
                "active_slabs", "1",
                "total_malloced", "1048576"));
    assertThat(text(statistics))
        .contains("memcached_up{" + LABELS + "} 1\n")
        .contains("memcached_malloced_bytes{" + LABELS + "} 1048576\n")
        .contains("memcached_slab_chunk_size_bytes{" + LABELS + ",slab=\"5\"} 240\n")
        .contains(
            "memcached_slab_commands_total{"
                + LABELS
                + ",slab=\"5\",command=\"set\",status=\"hit\"} 5\n")
        .contains("memcached_slab_lru_hits_total{" + LABELS + ",slab=\"5\",lru=\"temporary\"} 9\n")
        .contains(
            """
            memcached_slab_current_items{LABELS,slab="5"} 4
            memcached_slab_current_items{LABELS,slab="12"} 3
            """
                .replace("LABELS", LABELS));
  }

  /** A server can't make samples without end, nor two with the same labels. */
  @Test
  void keysThatNoServerHasAreIgnored() throws IOException {
    Map<String, String> items = new HashMap<>();
    IntStream.range(0, 5000).forEach(i -> items.put("items:" + i + ":number", "1"));
    items.put("items:0005:number", "1");
    items.put("items:-1:number", "1");
    items.put("items:x:number", "1");
    items.put("5:number", "1");
    ServerStatistics statistics = statistics(REQUIRED, Map.of(), items, Map.of());
    assertThat(text(statistics).lines().filter(line -> line.startsWith("memcached_slab_current")))
        .hasSize(256)
        .doesNotHaveDuplicates();
  }

  @Test
  void settingsOfTheCrawlerCountOnlyWhileItRuns() throws IOException {
    Map<String, String> settings = Map.of("maxconns", "1024", "hot_lru_pct", "20");
    Map<String, String> on = new HashMap<>(settings);
    on.put("lru_crawler", "yes");
    assertThat(text(statistics(REQUIRED, settings, Map.of(), Map.of())))
        .contains("memcached_max_connections{" + LABELS + "} 1024\n")
        .doesNotContain("memcached_lru_crawler");
    assertThat(text(statistics(REQUIRED, on, Map.of(), Map.of())))
        .contains("memcached_lru_crawler_enabled{" + LABELS + "} 1\n")
        .contains("memcached_lru_crawler_hot_percent{" + LABELS + "} 20\n");
  }

  @Test
  void aMetricHasOneHeaderForAllServers() throws IOException {
    StringBuilder out = new StringBuilder();
    ServerStatistics old =
        statistics(REQUIRED, Map.of(), Map.of(), withSets(Map.of("1:mem_requested", "96")));
    ServerStatistics later =
        statistics(REQUIRED, Map.of(), Map.of("items:1:mem_requested", "96"), Map.of());
    Exposition.write(
        List.of(
            new ServerSample("shop", "cart", "cart-0", later),
            new ServerSample("shop", "cart", "cart-1", Unavailable.TIMEOUT),
            new ServerSample("shop", "old", "old-0", old)),
        out);
    assertThat(out.toString().lines().filter(line -> line.startsWith("#")))
        .doesNotHaveDuplicates()
        .contains("# TYPE memcached_slab_mem_requested_bytes gauge");
    assertThat(text(later)).contains("# TYPE memcached_slab_mem_requested_bytes counter\n");
    assertThat(text(old)).contains("# TYPE memcached_slab_mem_requested_bytes gauge\n");
    assertThat(out.toString().lines().filter(line -> line.startsWith("memcached_up{"))).hasSize(3);
  }

  @Test
  void noServersNoText() throws IOException {
    StringBuilder out = new StringBuilder();
    Exposition.write(List.of(), out);
    assertThat(out).isEmpty();
  }

  private static Map<String, String> withSets(Map<String, String> slabs) {
    Map<String, String> all = new HashMap<>(slabs);
    all.putAll(Map.of("1:cmd_set", "0", "1:cas_hits", "0", "1:cas_badval", "0"));
    return all;
  }

  private static String text(ScrapeOutcome outcome) throws IOException {
    StringBuilder out = new StringBuilder();
    Exposition.write(List.of(new ServerSample("shop", "cart", "cart-0", outcome)), out);
    return out.toString();
  }

  private static ServerStatistics statistics(Map<String, String> more) {
    Map<String, String> general = new HashMap<>(REQUIRED);
    general.putAll(more);
    return statistics(general, Map.of(), Map.of(), Map.of());
  }

  private static ServerStatistics statistics(
      Map<String, String> general,
      Map<String, String> settings,
      Map<String, String> items,
      Map<String, String> slabs) {
    return ServerStatistics.of(quoted(general), quoted(settings), quoted(items), quoted(slabs));
  }

  private static Map<String, Quoted> quoted(Map<String, String> values) {
    return values.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> Quoted.of(entry.getValue())));
  }
}
