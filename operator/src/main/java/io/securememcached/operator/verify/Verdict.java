package io.securememcached.operator.verify;

/**
 * Outcome and evidence of a check.
 *
 * @param evidence one line
 */
public record Verdict(Outcome outcome, String evidence) {

  static Verdict passed(String evidence) {
    return new Verdict(Outcome.PASSED, evidence);
  }

  static Verdict failed(String evidence) {
    return new Verdict(Outcome.FAILED, evidence);
  }

  static Verdict unknown(String evidence) {
    return new Verdict(Outcome.UNKNOWN, evidence);
  }
}
