package io.securememcached.operator.report;

import io.securememcached.operator.verify.Distribution;
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.verify.Support;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** Words that the formats share. */
final class Words {

  /** Of a resource with no pod and no replicas. */
  static final String NO_SERVER = "No servers to verify: spec.replicas is 0, and no pod is left.";

  private Words() {}

  /** Passed, failed or unknown, in small letters. */
  static String of(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  static String counts(ResourceReport report) {
    return "%d passed, %d failed, %d unknown"
        .formatted(
            report.count(Outcome.PASSED),
            report.count(Outcome.FAILED),
            report.count(Outcome.UNKNOWN));
  }

  static Support support(Distribution distribution, Instant time) {
    return Support.of(distribution, LocalDate.ofInstant(time, ZoneOffset.UTC));
  }

  /** Untrusted text of a server or a user, without control characters for terminals. */
  static String printable(String text) {
    return text.replaceAll("[^\\x21-\\x7e]+", " ").strip();
  }
}
