package io.securememcached.operator.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Response;
import io.securememcached.operator.text.Quoted;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Results of a run so far. */
final class Findings {

  private static final int LONGEST_QUOTE = 80;

  private final Map<Check, CheckResult> results = new EnumMap<>(Check.class);
  private final List<String> secrets;
  private String version = "";
  private long lap = System.nanoTime();

  /**
   * @param logins whose passwords must be masked, in case the server returns one
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

  /** The version that the server said, as {@link #quote} has it. */
  void version(String said) {
    version = said;
  }

  /** One result for each check, in their order; checks that were not run are unknown. */
  ServerResult all() {
    return new ServerResult(
        version,
        Arrays.stream(Check.values())
            .map(
                check ->
                    Optional.ofNullable(results.get(check))
                        .orElseGet(
                            () ->
                                new CheckResult(check, Outcome.UNKNOWN, "not run", Duration.ZERO)))
            .toList());
  }

  /** The server's response for display: short, printable, without passwords. */
  String quote(Response response) {
    return quote(new String(response.value(), UTF_8));
  }

  /**
   * The same for other text; passwords are masked before the text is cut, which could leave half of
   * one.
   */
  String quote(String text) {
    String quoted = text;
    for (String secret : secrets) {
      quoted = quoted.replace(secret, "***");
    }
    return Quoted.printable(quoted, LONGEST_QUOTE);
  }
}
