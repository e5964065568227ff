package io.securememcached.operator.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.metrics.ScrapeOutcome;
import io.securememcached.operator.metrics.ServerSample;
import io.securememcached.operator.metrics.ServerStatistics;
import io.securememcached.operator.metrics.Unavailable;
import io.securememcached.operator.text.Quoted;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopTableTest {

  private static final Duration BETWEEN = Duration.ofSeconds(2);

  @Test
  void showsALineForEachServer() {
    ScrapeOutcome before = statistics(Map.of("evictions", "10"));
    ScrapeOutcome now = statistics(Map.of("evictions", "15"));
    assertThat(
            TopTable.of(
                List.of(server("sessions-0", before), server("sessions-1", before)),
                List.of(server("sessions-0", now), server("sessions-1", Unavailable.TIMEOUT)),
                BETWEEN))
        .isEqualTo(
            """
            NAMESPACE   NAME       SERVER       HIT RATIO   ITEMS   MEMORY        CONNECTIONS   EVICTIONS/S   FAILED LOGINS
            shop        sessions   sessions-0   75.0%       56640   60.0Mi/64Mi   12/1024       2.5           3
            shop        sessions   sessions-1   -           -       -             -             -             timeout
            """);
  }

  @Test
  void ratesNeedTwoAnswersOfOneStart() {
    ScrapeOutcome later = statistics(Map.of("evictions", "15"));
    ScrapeOutcome restarted = statistics(Map.of("evictions", "0"));
    assertThat(row(Unavailable.CONNECT, later)).contains("12/1024       -             3");
    assertThat(row(later, restarted)).contains("12/1024       -             3");
  }

  @Test
  void ratioOfNothingIsUnknown() {
    ScrapeOutcome fresh = statistics(Map.of("get_hits", "0", "get_misses", "0"));
    assertThat(row(fresh, fresh)).contains("sessions-0   -           56640");
  }

  private static String row(ScrapeOutcome first, ScrapeOutcome second) {
    return TopTable.of(
            List.of(server("sessions-0", first)), List.of(server("sessions-0", second)), BETWEEN)
        .lines()
        .toList()
        .getLast();
  }

  private static ServerSample server(String pod, ScrapeOutcome outcome) {
    return new ServerSample("shop", "sessions", pod, outcome);
  }

  private static ServerStatistics statistics(Map<String, String> others) {
    Map<String, String> general =
        new HashMap<>(
            Map.of(
                "get_hits", "300",
                "get_misses", "100",
                "curr_items", "56640",
                "bytes", Integer.toString(60 << 20),
                "limit_maxbytes", Integer.toString(64 << 20),
                "curr_connections", "12",
                "auth_errors", "3",
                "evictions", "0"));
    general.putAll(others);
    return ServerStatistics.of(
        quoted(general), quoted(Map.of("maxconns", "1024")), Map.of(), Map.of());
  }

  private static Map<String, Quoted> quoted(Map<String, String> values) {
    Map<String, Quoted> quoted = new HashMap<>();
    values.forEach((key, value) -> quoted.put(key, Quoted.of(value)));
    return quoted;
  }
}
