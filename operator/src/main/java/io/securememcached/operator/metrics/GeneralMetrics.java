package io.securememcached.operator.metrics;

import static io.securememcached.operator.metrics.MetricType.COUNTER;
import static io.securememcached.operator.metrics.MetricType.GAUGE;
import static io.securememcached.operator.metrics.StatisticsGroup.GENERAL;
import static io.securememcached.operator.metrics.StatisticsGroup.SETTINGS;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Metrics of a whole server. */
final class GeneralMetrics {

  /** Not from a statistic: whether all of them could be read. */
  static final Metric UP =
      Metric.of("up", "Whether the server answered, and all its statistics could be read.");

  /** Not from a statistic: why {@link #UP} is 0. */
  static final Metric UNAVAILABLE =
      Metric.of("unavailable", "Why memcached_up is 0; absent while it is 1.")
          .labels("reason")
          .own();

  private static final String COUNTERS =
      """
      uptime_seconds                      uptime               Seconds since the server started.
      read_bytes_total                    bytes_read           Bytes that the server has read from the network.
      written_bytes_total                 bytes_written        Bytes that the server has sent to the network.
      connections_total                   total_connections    Connections that clients have opened.
      connections_rejected_total          rejected_connections Connections that were refused at the limit of connections.
      connections_yielded_total           conn_yields          Times that a connection had to let others go first.
      connections_listener_disabled_total listen_disabled_num  Times that the server stopped listening at the limit of connections.
      items_total                         total_items          Items that have been stored.
      items_evicted_total                 evictions            Items that were evicted before they expired, to free memory.
      items_reclaimed_total               reclaimed            Items that were stored in the memory of an expired one.
      item_too_large_total                store_too_large      Items that were refused as they are larger than an item may be.
      item_no_memory_total                store_no_memory      Items that were refused for want of memory.
      direct_reclaims_total               direct_reclaims      Times that a worker thread had to free memory itself.
      lru_crawler_starts_total            lru_crawler_starts   Times that the LRU crawler has started.
      lru_crawler_reclaimed_total         crawler_reclaimed    Items that the LRU crawler has freed.
      lru_crawler_items_checked_total     crawler_items_checked Items that the LRU crawler has looked at.
      lru_crawler_moves_to_cold_total     moves_to_cold        Items moved from HOT or WARM to the COLD LRU.
      lru_crawler_moves_to_warm_total     moves_to_warm        Items moved from COLD to the WARM LRU.
      lru_crawler_moves_within_lru_total  moves_within_lru     Items moved within the HOT or WARM LRU.
      """;

  private static final String GAUGES =
      """
      time_seconds          time             The server's clock, in seconds since 1970.
      current_connections   curr_connections Open connections.
      current_bytes         bytes            Bytes that the items take.
      limit_bytes           limit_maxbytes   Bytes that the items may take.
      current_items         curr_items       Items that are stored.
      malloced_bytes        total_malloced   Bytes of all pages of slab classes.
      accepting_connections accepting_conns  Whether the server accepts connections.
      """;

  private static final String OF_THE_CRAWLER =
      """
      lru_crawler_sleep           lru_crawler_sleep   Microseconds that the LRU crawler sleeps between items.
      lru_crawler_to_crawl        lru_crawler_tocrawl Items of a slab class that the LRU crawler looks at in a run; 0 means all.
      lru_crawler_hot_percent     hot_lru_pct         Share of a slab class's memory for the HOT LRU, in percent.
      lru_crawler_warm_percent    warm_lru_pct        Share of a slab class's memory for the WARM LRU, in percent.
      lru_crawler_hot_max_factor  hot_max_factor      Age, relative to the COLD LRU's, at which idle items leave the HOT LRU.
      lru_crawler_warm_max_factor warm_max_factor     Age, relative to the COLD LRU's, at which idle items leave the WARM LRU.
      """;

  private static final String SWITCHES_OF_THE_CRAWLER =
      """
      lru_crawler_enabled           lru_crawler           Whether the LRU crawler runs.
      lru_crawler_maintainer_thread lru_maintainer_thread Whether the thread runs that moves items between the LRUs.
      """;

  private static final String PROCESSOR =
      """
      process_user_cpu_seconds_total   rusage_user   Processor time that the process has spent in its own code.
      process_system_cpu_seconds_total rusage_system Processor time that the kernel has spent for the process.
      """;

  private static final String OWN_COUNTERS =
      """
      auth_commands_total auth_cmds   Logins that clients have tried.
      auth_errors_total   auth_errors Logins that were refused.
      """;

  private GeneralMetrics() {}

  static List<Metric> all() {
    List<Metric> all = new ArrayList<>(List.of(UP, UNAVAILABLE, commands()));
    all.add(
        Metric.of(
                "version",
                "The server's version, as a label; always 1.",
                Series.of(GAUGE, GENERAL, "version").in(Form.LABEL))
            .labels("version"));
    all.addAll(Metric.table(COUNTER, GENERAL, COUNTERS));
    all.addAll(Metric.table(GAUGE, GENERAL, GAUGES));
    Metric.table(COUNTER, GENERAL, PROCESSOR).forEach(metric -> all.add(metric.in(Form.TIMEVAL)));
    all.addAll(
        Metric.table(
            GAUGE, SETTINGS, "max_connections maxconns Connections that clients may open."));
    Stream.concat(
            Metric.table(GAUGE, SETTINGS, OF_THE_CRAWLER).stream(),
            Metric.table(GAUGE, SETTINGS, SWITCHES_OF_THE_CRAWLER).stream()
                .map(metric -> metric.in(Form.YES_NO)))
        .forEach(metric -> all.add(metric.with(Feature.LRU_CRAWLER)));
    Metric.table(COUNTER, GENERAL, OWN_COUNTERS).forEach(metric -> all.add(metric.own()));
    all.add(
        Metric.of(
                "connections_listener_disabled_seconds_total",
                "Time that the server has not listened, at the limit of connections.",
                Series.of(COUNTER, GENERAL, "time_in_listen_disabled_us").in(Form.MICROSECONDS))
            .own());
    all.add(
        Metric.of("threads", "Worker threads of the server.", Series.of(GAUGE, GENERAL, "threads"))
            .own());
    return List.copyOf(all);
  }

  private static Metric commands() {
    List<Series> series = new ArrayList<>();
    for (String command : List.of("get", "delete", "incr", "decr", "cas", "touch")) {
      series.add(Series.ofRequests(GENERAL, command + "_hits", command, "hit"));
      series.add(Series.ofRequests(GENERAL, command + "_misses", command, "miss"));
    }
    series.add(Series.ofRequests(GENERAL, "cas_badval", "cas", "badval"));
    series.add(Series.ofRequests(GENERAL, "cmd_flush", "flush", "hit"));
    // memcached counts each cas as a set, too.
    series.add(
        Series.ofRequests(GENERAL, "cmd_set", "set", "hit")
            .minus("cas_misses", "cas_hits", "cas_badval"));
    return Metric.of(
            "commands_total",
            "Requests by command and by what came of them.",
            series.toArray(Series[]::new))
        .labels("command", "status");
  }
}
