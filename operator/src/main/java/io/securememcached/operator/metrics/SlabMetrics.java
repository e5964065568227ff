package io.securememcached.operator.metrics;

import static io.securememcached.operator.metrics.MetricType.COUNTER;
import static io.securememcached.operator.metrics.MetricType.GAUGE;
import static io.securememcached.operator.metrics.StatisticsGroup.ITEMS;
import static io.securememcached.operator.metrics.StatisticsGroup.SLABS;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Metrics of the slab classes of a server: items of about the same size, and their memory. */
final class SlabMetrics {

  private static final String ITEM_COUNTERS =
      """
      slab_items_crawler_reclaimed_total crawler_reclaimed Items of the class that the LRU crawler has freed.
      slab_items_evicted_total           evicted           Items of the class that were evicted before they expired.
      slab_items_evicted_nonzero_total   evicted_nonzero   Items of the class with an expiry that were evicted before it.
      slab_items_evicted_time_seconds    evicted_time      Time between the last use and the eviction of the item evicted last.
      slab_items_evicted_unfetched_total evicted_unfetched Items of the class that were evicted and never read.
      slab_items_expired_unfetched_total expired_unfetched Items of the class that expired and were never read.
      slab_items_outofmemory_total       outofmemory       Items of the class that could not be stored for want of memory.
      slab_items_reclaimed_total         reclaimed         Items that were stored in the memory of an expired one of the class.
      slab_items_tailrepairs_total       tailrepairs       Times that a lost reference at the end of the LRU was repaired.
      slab_items_moves_to_cold           moves_to_cold     Items of the class moved from HOT or WARM to the COLD LRU.
      slab_items_moves_to_warm           moves_to_warm     Items of the class moved from COLD to the WARM LRU.
      slab_items_moves_within_lru        moves_within_lru  Items of the class moved within the HOT or WARM LRU.
      """;

  private static final String ITEM_GAUGES =
      """
      slab_current_items     number      Items that are stored in the class.
      slab_items_age_seconds age         Age of the oldest item in the class.
      slab_hot_items         number_hot  Items of the class in the HOT LRU.
      slab_warm_items        number_warm Items of the class in the WARM LRU.
      slab_cold_items        number_cold Items of the class in the COLD LRU.
      slab_temporary_items   number_temp Items of the class in the TEMPORARY LRU.
      slab_hot_age_seconds   age_hot     Age of the oldest item of the class in the HOT LRU.
      slab_warm_age_seconds  age_warm    Age of the oldest item of the class in the WARM LRU.
      """;

  private static final String MEMORY =
      """
      slab_chunk_size_bytes chunk_size      Bytes of each chunk of the class; an item takes one.
      slab_chunks_per_page  chunks_per_page Chunks in a page of the class.
      slab_current_pages    total_pages     Pages of the class.
      slab_current_chunks   total_chunks    Chunks in all pages of the class.
      slab_chunks_used      used_chunks     Chunks that hold an item.
      slab_chunks_free      free_chunks     Chunks that hold no item.
      slab_chunks_free_end  free_chunks_end Chunks at the end of the last page that have never held an item.
      """;

  private SlabMetrics() {}

  static List<Metric> all() {
    return Stream.of(
            Metric.table(COUNTER, ITEMS, ITEM_COUNTERS),
            Metric.table(GAUGE, ITEMS, ITEM_GAUGES),
            Metric.table(GAUGE, SLABS, MEMORY),
            List.of(lruHits(), memoryRequested(), commands()))
        .flatMap(List::stream)
        .toList();
  }

  private static Metric lruHits() {
    return Metric.of(
            "slab_lru_hits_total",
            "Reads of items of the class that were found, by LRU.",
            Series.of(COUNTER, ITEMS, "hits_to_hot").label("lru", "hot"),
            Series.of(COUNTER, ITEMS, "hits_to_warm").label("lru", "warm"),
            Series.of(COUNTER, ITEMS, "hits_to_cold").label("lru", "cold"),
            Series.of(COUNTER, ITEMS, "hits_to_temp").label("lru", "temporary"))
        .labels("lru");
  }

  /** memcached 1.4 has it in slabs, 1.6 in items; prometheus/memcached_exporter's type differs. */
  private static Metric memoryRequested() {
    return Metric.of(
        "slab_mem_requested_bytes",
        "Bytes of the chunks of the class that items really take.",
        Series.of(COUNTER, ITEMS, "mem_requested"),
        Series.of(GAUGE, SLABS, "mem_requested"));
  }

  private static Metric commands() {
    List<Series> series = new ArrayList<>();
    for (String command : List.of("get", "delete", "incr", "decr", "cas", "touch")) {
      series.add(Series.ofRequests(SLABS, command + "_hits", command, "hit"));
    }
    series.add(Series.ofRequests(SLABS, "cas_badval", "cas", "badval"));
    // memcached counts each cas that finds its item as a set, too.
    series.add(Series.ofRequests(SLABS, "cmd_set", "set", "hit").minus("cas_hits", "cas_badval"));
    return Metric.of(
            "slab_commands_total",
            "Requests for items of the class by command and by what came of them.",
            series.toArray(Series[]::new))
        .labels("command", "status");
  }
}
