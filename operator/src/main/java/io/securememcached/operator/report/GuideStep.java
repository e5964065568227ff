package io.securememcached.operator.report;

import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Outcome;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A step of the manual guide for CentOS 7, and the results of the checks that replace it.
 *
 * @param byHand the command or setting of the guide
 * @param results at least one
 */
record GuideStep(String byHand, List<CheckResult> results) {

  /** The guide's order, by one check of each step. */
  private static final List<Check> ORDER =
      List.of(
          Check.KNOWN_VULNERABILITIES,
          Check.NO_OTHER_PORT,
          Check.UDP_OFF,
          Check.TEXT_PROTOCOL_REFUSED,
          Check.UNAUTHENTICATED_REFUSED,
          Check.MECHANISMS,
          Check.UNKNOWN_USER_REFUSED,
          Check.WRONG_PASSWORD_REFUSED,
          Check.LOGIN,
          Check.REACHABLE,
          Check.POLICIES_ENFORCED);

  /** Keeps a copy of the list. */
  GuideStep {
    results = List.copyOf(results);
  }

  /** All steps, in the guide's order. */
  static List<GuideStep> of(List<CheckResult> results) {
    return ORDER.stream()
        .map(Check::byHand)
        .map(step -> new GuideStep(step, results.stream().filter(in(step)).toList()))
        .toList();
  }

  private static Predicate<CheckResult> in(String step) {
    return result -> result.check().byHand().equals(step);
  }

  /** As {@link ResourceReport#outcome()} for servers. */
  Outcome outcome() {
    return ResourceReport.worst(results.stream().map(CheckResult::outcome).toList());
  }

  /** What ran. */
  String ran() {
    return joined(result -> result.check().ran());
  }

  /** What was expected. */
  String expected() {
    return joined(result -> result.check().expected());
  }

  /** Evidence of the checks with the outcome of the step. */
  String seen() {
    return results.stream()
        .filter(result -> result.outcome() == outcome())
        .map(CheckResult::evidence)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private String joined(Function<CheckResult, String> part) {
    return results.stream().map(part).distinct().collect(Collectors.joining("; "));
  }
}
