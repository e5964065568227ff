package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.api.v1beta1.UpdateWindow.Opening;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a window opens and closes. 2026-11-28 is a Saturday. */
class UpdateWindowTest {

  @Test
  void opensEveryDay() {
    UpdateWindow night = new UpdateWindow(null, "02:00", "2h30m", null);
    assertThat(night.next(Instant.parse("2026-11-28T01:59:59Z")))
        .contains(opening("2026-11-28T02:00:00Z", "2026-11-28T04:30:00Z"));
    assertThat(night.next(Instant.parse("2026-11-28T04:29:59Z")))
        .contains(opening("2026-11-28T02:00:00Z", "2026-11-28T04:30:00Z"));
    assertThat(night.next(Instant.parse("2026-11-28T04:30:00Z")))
        .contains(opening("2026-11-29T02:00:00Z", "2026-11-29T04:30:00Z"));
  }

  @Test
  void opensOnItsDaysOnly() {
    UpdateWindow weekend = new UpdateWindow(List.of(Weekday.Monday), "00:00", "24h", null);
    assertThat(weekend.next(Instant.parse("2026-11-28T12:00:00Z")))
        .contains(opening("2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"));
    assertThat(weekend.next(Instant.parse("2026-12-01T00:00:00Z")))
        .contains(opening("2026-12-07T00:00:00Z", "2026-12-08T00:00:00Z"));
  }

  /** The day is that of its start. */
  @Test
  void reachesIntoTheNextDay() {
    UpdateWindow night = new UpdateWindow(List.of(Weekday.Friday), "22:00", "4h", null);
    Opening friday = opening("2026-11-27T22:00:00Z", "2026-11-28T02:00:00Z");
    assertThat(night.next(Instant.parse("2026-11-28T01:00:00Z"))).contains(friday);
    assertThat(friday.contains(Instant.parse("2026-11-28T01:59:59Z"))).isTrue();
    assertThat(friday.contains(Instant.parse("2026-11-28T02:00:00Z"))).isFalse();
  }

  @Test
  void mayBeOpenForDays() {
    UpdateWindow weekend = new UpdateWindow(List.of(Weekday.Friday), "22:00", "56h", null);
    assertThat(weekend.next(Instant.parse("2026-11-30T05:59:59Z")))
        .contains(opening("2026-11-27T22:00:00Z", "2026-11-30T06:00:00Z"));
  }

  @Test
  void followsDaylightSavingTime() {
    UpdateWindow night = new UpdateWindow(null, "02:00", "2h", "Europe/Berlin");
    assertThat(night.next(Instant.parse("2026-07-01T00:00:00Z")))
        .contains(opening("2026-07-01T00:00:00Z", "2026-07-01T02:00:00Z"));
    assertThat(night.next(Instant.parse("2026-12-01T00:00:00Z")))
        .contains(opening("2026-12-01T01:00:00Z", "2026-12-01T03:00:00Z"));
    // On 2026-03-29 there is no 02:00.
    assertThat(night.next(Instant.parse("2026-03-29T00:00:00Z")))
        .contains(opening("2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"));
  }

  @Test
  void neverOpensInAnUnknownTimeZone() {
    assertThat(new UpdateWindow(null, "02:00", "2h", "Mars/Olympus").next(Instant.EPOCH)).isEmpty();
  }

  private static Opening opening(String start, String end) {
    return new Opening(Instant.parse(start), Instant.parse(end));
  }
}
