package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A time of the week, in the local time of a time zone. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record UpdateWindow(
    @JsonPropertyDescription("Days on which the window opens. Default: every day.") @Size(max = 7)
        List<Weekday> days,
    @JsonPropertyDescription("When it opens, as HH:MM from 00:00 to 23:59.")
        @Required
        @Size(max = 5)
        @ValidationRule(
            value = "self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",
            message = "start must be a time of day from 00:00 to 23:59, such as 02:00")
        String start,
    @JsonPropertyDescription(
            "How long it is open, in hours, minutes and seconds, such as 2h. A restart that has begun is finished.")
        @Required
        @Size(max = 16)
        @ValidationRule(
            value =
                "self"
                    + RotationPolicy.IS_DURATION
                    + " && duration(self) >= duration('1m') && duration(self) <= duration('168h')",
            message =
                "duration must be hours, minutes and seconds from 1m to 168h, such as 2h; a shorter window never opens")
        String duration,
    @JsonPropertyDescription(
            "IANA time zone of start, such as Europe/Berlin. Default UTC. Follows daylight saving time.")
        @Default("UTC")
        @Size(max = 64)
        @ValidationRule(
            value =
                "self.matches('^[A-Z][A-Za-z0-9_+/-]*$') && self != 'Local' && timestamp('2000-01-01T00:00:00Z').getHours(self) >= 0",
            message =
                "timeZone must be the IANA name of a time zone, such as UTC, Europe/Berlin or America/New_York")
        String timeZone) {

  private static final int WEEK = 7;

  public UpdateWindow {
    days = Copies.of(days);
    start = requireNonNullElse(start, "00:00");
    duration = requireNonNullElse(duration, "24h");
    timeZone = requireNonNullElse(timeZone, "UTC");
  }

  /**
   * When the window is or will be open the next time; empty if it never is, as {@link #timeZone} is
   * unknown here.
   *
   * @param now a window that is open now counts
   */
  public Optional<Opening> next(Instant now) {
    Optional<ZoneId> zone = zone();
    if (zone.isEmpty()) {
      return Optional.empty();
    }
    // One that opened up to a week ago may still be open, the next opens within a week.
    LocalDate today = LocalDate.ofInstant(now, zone.get());
    return Stream.iterate(today.minusDays(WEEK), day -> day.plusDays(1))
        .limit(2 * WEEK + 1L)
        .filter(this::isOn)
        .map(day -> on(day, zone.get()))
        .filter(opening -> opening.end().isAfter(now))
        .findFirst();
  }

  /**
   * One opening.
   *
   * @param end first instant at which it is closed
   */
  public record Opening(Instant start, Instant end) {

    /** Whether it is open at that time. */
    public boolean contains(Instant time) {
      return !time.isBefore(start) && time.isBefore(end);
    }
  }

  /** {@link #start} as a time of day. */
  public LocalTime startTime() {
    return LocalTime.parse(start);
  }

  /** {@link #duration} as a duration. */
  public Duration openDuration() {
    return RotationPolicy.duration(duration);
  }

  /** Whether this version knows the time zone: the API server may know others. */
  public boolean hasKnownTimeZone() {
    return zone().isPresent();
  }

  private Optional<ZoneId> zone() {
    try {
      return Optional.of(ZoneId.of(timeZone));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private boolean isOn(LocalDate day) {
    return days.isEmpty()
        || days.stream().anyMatch(name -> name.toDayOfWeek() == day.getDayOfWeek());
  }

  /** A time that daylight saving skips is moved forward. */
  private Opening on(LocalDate day, ZoneId zone) {
    Instant opens = ZonedDateTime.of(day, startTime(), zone).toInstant();
    return new Opening(opens, opens.plus(openDuration()));
  }
}
