package io.securememcached.operator.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Compares the results of a run with a row of a table. */
final class Outcomes {

  /** Each check that is not named as failed. */
  static final String EVERYTHING = "EVERYTHING";

  private Outcomes() {}

  /**
   * Passes if exactly these checks failed and could not be told, and all others passed.
   *
   * @param failed ids with blanks between them; null, as from an empty field, for none
   * @param unknown likewise, or {@link #EVERYTHING}
   */
  static void assertOutcomes(List<CheckResult> results, String failed, String unknown) {
    assertThat(results).extracting(CheckResult::check).containsExactly(Check.values());
    Set<String> wantedFailed = ids(failed);
    Set<String> wantedUnknown = ids(unknown);
    if (wantedUnknown.remove(EVERYTHING)) {
      Arrays.stream(Check.values()).map(Check::id).forEach(wantedUnknown::add);
      wantedUnknown.removeAll(wantedFailed);
    }
    assertThat(with(Outcome.FAILED, results)).as("failed of %s", results).isEqualTo(wantedFailed);
    assertThat(with(Outcome.UNKNOWN, results))
        .as("unknown of %s", results)
        .isEqualTo(wantedUnknown);
  }

  private static Set<String> ids(String text) {
    Set<String> ids = new TreeSet<>();
    for (String id : Optional.ofNullable(text).orElse("").split(" ")) {
      if (!id.isEmpty()) {
        ids.add(id);
      }
    }
    return ids;
  }

  private static Set<String> with(Outcome outcome, List<CheckResult> results) {
    Set<String> ids = new TreeSet<>();
    results.stream()
        .filter(result -> result.outcome() == outcome)
        .forEach(result -> ids.add(result.check().id()));
    return ids;
  }
}
