package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.PlainCredentials;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a run has found so far. */
final class Findings {

  private static final int LONGEST_QUOTE = 80;

  private final Map<Check, CheckResult> results = new EnumMap<>(Check.class);
  private final List<String> secrets;
  private long lap = System.nanoTime();

  /**
   * @param logins whose passwords must not show, should the server send one back
   */
  Findings(List<PlainCredentials> logins) {
    secrets =
        logins.stream()
            .map(PlainCredentials::password)
            .filter(password -> !password.isEmpty())
            .toList();
  }

  void add(Check check, Verdict verdict) {
    long now = System.nanoTime();
    results.put(
        check,
        new CheckResult(check, verdict.outcome(), verdict.evidence(), Duration.ofNanos(now - lap)));
    lap = now;
  }

  boolean passed(Check check) {
    return results.containsKey(check) && results.get(check).outcome() == Outcome.PASSED;
  }

  /** One result for each check, in their order; those that were not tried are unknown. */
  List<CheckResult> all() {
    return Arrays.stream(Check.values())
        .map(
            check ->
                Optional.ofNullable(results.get(check))
                    .orElseGet(
                        () -> new CheckResult(check, Outcome.UNKNOWN, "not tried", Duration.ZERO)))
        .toList();
  }

  /** Text of the server's as it may be shown: short, printable, without a password. */
  String quote(String text) {
    String quoted = text;
    for (String secret : secrets) {
      quoted = quoted.replace(secret, "***");
    }
    quoted = quoted.replaceAll("[^\\x20-\\x7e]+", " ").strip();
    return quoted.length() <= LONGEST_QUOTE ? quoted : quoted.substring(0, LONGEST_QUOTE) + "...";
  }
}
