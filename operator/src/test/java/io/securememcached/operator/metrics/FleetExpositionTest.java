package io.securememcached.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The memory that many servers take, each with items of all sizes that memcached 1.6 has. */
class FleetExpositionTest {

  private static final int SERVERS = 1000;

  private static final int CLASSES = 63;

  private static final long MIB = 1 << 20;

  @Test
  void statisticsAreCompact() {
    Map<String, Quoted> items = ofAllClasses("stats items", "items:8:", "items:%d:");
    Map<String, Quoted> slabs = ofAllClasses("stats slabs", "8:", "%d:");
    assertThat(items.size() + slabs.size()).as("statistics of a server").isGreaterThan(2500);
    RecordedStatistics recorded = RecordedStatistics.of("1.6.18");
    Map<String, Quoted> general = recorded.values("stats");
    Map<String, Quoted> settings = recorded.values("stats settings");
    List<ServerStatistics> all = new ArrayList<>();
    long before = usedHeap();
    for (int i = 0; i < SERVERS; i++) {
      all.add(ServerStatistics.of(general, settings, items, slabs));
    }
    assertThat(usedHeap() - before).as("bytes of %s servers", all.size()).isBetween(MIB, 20 * MIB);
  }

  @Test
  void textIsPassedOnInParts() throws IOException {
    ServerStatistics statistics = RecordedStatistics.of("1.6.18").statistics();
    List<ServerSample> servers = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      servers.add(new ServerSample("shop", "cart", "cart-" + i, statistics));
    }
    Parts parts = new Parts();
    Exposition.write(servers, parts);
    assertThat(parts.total).isGreaterThan(10 * MIB);
    assertThat(parts.longest).isLessThan(32 * 1024);
  }

  private static final class Parts implements Appendable {
    private long total;
    private int longest;

    @Override
    public Appendable append(CharSequence part) {
      return append(part, 0, part.length());
    }

    @Override
    public Appendable append(CharSequence part, int start, int end) {
      total += end - start;
      longest = Math.max(longest, end - start);
      return this;
    }

    @Override
    public Appendable append(char part) {
      return append("" + part, 0, 1);
    }
  }

  /** The statistics of one class for all of them, with values of many digits. */
  private static Map<String, Quoted> ofAllClasses(String command, String prefix, String format) {
    Map<String, Quoted> all = new HashMap<>();
    RecordedStatistics.of("1.6.18")
        .values(command)
        .forEach(
            (key, value) -> {
              for (int i = 1; key.startsWith(prefix) && i <= CLASSES; i++) {
                String text = i % 2 == 0 ? value.text() : "" + 1234567L * i;
                all.put(format.formatted(i) + key.substring(prefix.length()), Quoted.of(text));
              }
            });
    return all;
  }

  private static long usedHeap() {
    ManagementFactory.getMemoryMXBean().gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
