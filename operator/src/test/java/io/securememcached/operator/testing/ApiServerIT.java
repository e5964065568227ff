package io.securememcached.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The API server of the tests starts at any time of the day. */
class ApiServerIT {

  private static final int DAY = 24 * 60 * 60;

  private final TimeZone own = TimeZone.getDefault();

  @AfterEach
  void restoreZone() {
    TimeZone.setDefault(own);
  }

  @Test
  void startsInTheLastMinuteOfTheDay() {
    TimeZone lastMinute = zoneWhereItIs(LocalTime.of(23, 59, 30));
    TimeZone.setDefault(lastMinute);

    try (ApiServer server = StartedApiServer.start()) {
      assertThat(server.client().namespaces().withName("default").get()).isNotNull();
    }
    assertThat(TimeZone.getDefault()).isEqualTo(lastMinute);
  }

  /** A zone is at most 18 hours before or after UTC. */
  private static TimeZone zoneWhereItIs(LocalTime time) {
    int ahead = time.toSecondOfDay() - LocalTime.now(ZoneOffset.UTC).toSecondOfDay();
    int within = ahead > DAY / 2 ? ahead - DAY : ahead;
    return TimeZone.getTimeZone(ZoneOffset.ofTotalSeconds(within));
  }
}
