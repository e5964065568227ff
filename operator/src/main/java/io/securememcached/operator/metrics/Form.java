package io.securememcached.operator.metrics;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a statistic is written, and becomes the value of a sample. */
enum Form {
  /** A decimal number, taken as it is. */
  NUMBER {
    @Override
    Optional<String> value(String text) {
      return DECIMAL.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }
  },
  /** {@code yes} or {@code no}; 1 or 0. */
  YES_NO {
    @Override
    Optional<String> value(String text) {
      return switch (text) {
        case "yes" -> Optional.of("1");
        case "no" -> Optional.of("0");
        default -> Optional.empty();
      };
    }
  },
  /** Seconds, a dot, microseconds; the seconds. */
  TIMEVAL {
    @Override
    Optional<String> value(String text) {
      Matcher parts = SECONDS_AND_MICROSECONDS.matcher(text);
      return parts.matches()
          ? Optional.of(new BigDecimal(parts.group(1)).add(micro(parts.group(2))).toPlainString())
          : Optional.empty();
    }
  },
  /** Microseconds; the seconds. */
  MICROSECONDS {
    @Override
    Optional<String> value(String text) {
      return WHOLE.matcher(text).matches()
          ? Optional.of(micro(text).stripTrailingZeros().toPlainString())
          : Optional.empty();
    }
  },
  /** Any text; the value of the metric's label, on a sample of 1. */
  LABEL {
    @Override
    Optional<String> value(String text) {
      return Optional.of(text);
    }
  };

  /** memcached prints 64 bits at most, with or without a sign, and some fractions. */
  private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,20}(?:\\.\\d{1,20})?");

  private static final Pattern WHOLE = Pattern.compile("\\d{1,20}");

  private static final Pattern SECONDS_AND_MICROSECONDS =
      Pattern.compile("(\\d{1,20})\\.(\\d{1,20})");

  /** The value as Prometheus reads it; empty for a text that has not this form. */
  abstract Optional<String> value(String text);

  private static BigDecimal micro(String millionths) {
    return new BigDecimal(millionths).movePointLeft(6);
  }
}
