package io.securememcached.operator.status;

import io.securememcached.operator.text.Quoted;

/**
 * A reconciliation that could not be finished.
 *
 * @param stage what could not be written
 * @param message what happened and what to do, without any secret
 */
public record Failure(Stage stage, Reason reason, String message) {

  /** Quotes the message, which may repeat an admission policy's or a user's words. */
  public Failure {
    message = Quoted.printable(message, Conditions.LONGEST);
  }

  /** A fault of the operator itself. */
  public static Failure internal(Stage stage, Throwable error) {
    return new Failure(
        stage,
        Reason.InternalError,
        "Unexpected error, will retry; see the operator's log: " + error);
  }
}
