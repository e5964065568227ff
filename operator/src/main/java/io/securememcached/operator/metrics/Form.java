package io.securememcached.operator.metrics;

import java.math.BigDecimal;
import java.util.Optional;

/** How a statistic is written, and becomes the value of a sample. */
enum Form {
  /** A decimal number, taken as it is. */
  NUMBER {
    @Override
    Optional<String> value(String text) {
      return isDecimal(text) ? Optional.of(text) : Optional.empty();
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
      int dot = text.indexOf('.');
      return areDigits(text, 0, dot) && areDigits(text, dot + 1, text.length())
          ? Optional.of(
              new BigDecimal(text.substring(0, dot))
                  .add(micro(text.substring(dot + 1)))
                  .toPlainString())
          : Optional.empty();
    }
  },
  /** Microseconds; the seconds. */
  MICROSECONDS {
    @Override
    Optional<String> value(String text) {
      return areDigits(text, 0, text.length())
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

  /** memcached prints 64 bits at most. */
  private static final int LONGEST = 20;

  /** The value as Prometheus reads it; empty for a text that has not this form. */
  abstract Optional<String> value(String text);

  /** Digits with or without a sign before them and a fraction behind; most are whole numbers. */
  private static boolean isDecimal(String text) {
    int start = text.startsWith("-") ? 1 : 0;
    int dot = text.indexOf('.');
    return dot < 0
        ? areDigits(text, start, text.length())
        : areDigits(text, start, dot) && areDigits(text, dot + 1, text.length());
  }

  private static boolean areDigits(String text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return end > start && end - start <= LONGEST;
  }

  private static BigDecimal micro(String millionths) {
    return new BigDecimal(millionths).movePointLeft(6);
  }
}
