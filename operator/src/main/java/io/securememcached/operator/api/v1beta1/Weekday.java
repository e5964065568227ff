package io.securememcached.operator.api.v1beta1;

import java.time.DayOfWeek;
import java.util.Locale;

/** Days of the week. */
public enum Weekday {
  Monday,
  Tuesday,
  Wednesday,
  Thursday,
  Friday,
  Saturday,
  Sunday;

  /** The day of {@code java.time}. */
  public DayOfWeek toDayOfWeek() {
    return DayOfWeek.valueOf(name().toUpperCase(Locale.ROOT));
  }
}
