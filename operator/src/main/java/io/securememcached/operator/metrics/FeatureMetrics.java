package io.securememcached.operator.metrics;

import static io.securememcached.operator.metrics.MetricType.COUNTER;
import static io.securememcached.operator.metrics.MetricType.GAUGE;
import static io.securememcached.operator.metrics.StatisticsGroup.GENERAL;

import java.util.List;
import java.util.stream.Stream;

/** Metrics of features that a server need not run with; the operator's servers don't. */
final class FeatureMetrics {

  private static final String EXTSTORE_COUNTERS =
      """
      extstore_compact_lost_total    extstore_compact_lost    Items that compaction lost as they were locked.
      extstore_compact_rescued_total extstore_compact_rescues Items that compaction moved to another page.
      extstore_compact_skipped_total extstore_compact_skipped Items that compaction dropped as nobody used them.
      extstore_pages_allocated_total extstore_page_allocs     Pages that were taken into use.
      extstore_pages_evicted_total   extstore_page_evictions  Pages that were evicted.
      extstore_pages_reclaimed_total extstore_page_reclaims   Empty pages that were freed.
      extstore_objects_evicted_total extstore_objects_evicted Items that were evicted from flash.
      extstore_objects_read_total    extstore_objects_read    Items that were read from flash.
      extstore_objects_written_total extstore_objects_written Items that were written to flash.
      extstore_bytes_evicted_total   extstore_bytes_evicted   Bytes that were evicted from flash.
      extstore_bytes_written_total   extstore_bytes_written   Bytes that were written to flash.
      extstore_bytes_read_total      extstore_bytes_read      Bytes that were read from flash.
      extstore_bytes_used            extstore_bytes_used      Bytes that items take on flash.
      """;

  private static final String EXTSTORE_GAUGES =
      """
      extstore_pages_free       extstore_pages_free       Pages without an item.
      extstore_pages_used       extstore_pages_used       Pages with at least one item.
      extstore_objects_used     extstore_objects_used     Items on flash.
      extstore_bytes_fragmented extstore_bytes_fragmented Bytes in pages on flash that no item takes.
      extstore_bytes_limit      extstore_limit_maxbytes   Bytes that items may take on flash.
      extstore_io_queue_depth   extstore_io_queue         Reads and writes of flash that wait.
      """;

  private static final String PROXY_COUNTERS =
      """
      proxy_conn_requests_total        proxy_conn_requests        Connections that the proxy opened to its backends.
      proxy_conn_errors_total          proxy_conn_errors          Connections to backends that failed.
      proxy_conn_oom_total             proxy_conn_oom             Connections to backends that failed for want of memory.
      proxy_config_reloads_total       proxy_config_reloads       Times that the proxy read its configuration again.
      proxy_config_reload_fails_total  proxy_config_reload_fails  Times that the configuration could not be read.
      proxy_config_cron_runs_total     proxy_config_cron_runs     Times that the proxy's timed functions ran.
      proxy_config_cron_fails_total    proxy_config_cron_fails    Times that one of the proxy's timed functions failed.
      proxy_backend_marked_bad_total   proxy_backend_marked_bad   Times that a backend was found to be failing.
      proxy_request_failed_depth_total proxy_request_failed_depth Requests that were refused as too many waited for the backend.
      round_robin_fallback_total       round_robin_fallback       Connections whose thread was chosen in turn, as none matched.
      unexpected_napi_ids_total        unexpected_napi_ids        Connections with an unknown id of a network queue.
      """;

  private static final String PROXY_GAUGES =
      """
      proxy_req_active     proxy_req_active     Requests that wait for a backend's answer.
      proxy_backend_total  proxy_backend_total  Backends of the proxy.
      proxy_backend_failed proxy_backend_failed Backends that are failing.
      """;

  private FeatureMetrics() {}

  static List<Metric> all() {
    return Stream.concat(
            Stream.concat(
                    Metric.table(COUNTER, GENERAL, EXTSTORE_COUNTERS).stream(),
                    Metric.table(GAUGE, GENERAL, EXTSTORE_GAUGES).stream())
                .map(metric -> metric.with(Feature.EXTSTORE)),
            Stream.concat(
                    Metric.table(COUNTER, GENERAL, PROXY_COUNTERS).stream(),
                    Metric.table(GAUGE, GENERAL, PROXY_GAUGES).stream())
                .map(metric -> metric.with(Feature.PROXY)))
        .toList();
  }
}
