package io.securememcached.operator.verify;

/** How a check ended. */
public enum Outcome {
  /** The server was observed to behave as expected. */
  PASSED,
  /** The server was observed not to behave as expected. */
  FAILED,
  /** Not determined: no response, no time left, or no login available. */
  UNKNOWN
}
