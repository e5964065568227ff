package io.securememcached.operator.verify;

/** How a check ended. */
public enum Outcome {
  /** The server was seen to do what is expected. */
  PASSED,
  /** The server was seen to do what it must not, or not to do what it must. */
  FAILED,
  /** It could not be told: no answer, no time left, or nothing to ask with. */
  UNKNOWN
}
