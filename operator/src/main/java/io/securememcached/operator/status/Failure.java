package io.securememcached.operator.status;

import io.securememcached.operator.text.Quoted;

/**
 * A reconciliation that could not be finished.
 *
 * @param stage the failed step
 * @param message what happened and what to do, without any secret
 */
public record Failure(Stage stage, Reason reason, String message) {

  /** Quotes the message, which may repeat texts of an admission policy or a user. */
  public Failure {
    message = Quoted.printable(message, Conditions.LONGEST);
  }

  /** Whether a retry can fix it, without any change by a user. */
  public boolean isRetried() {
    return reason == Reason.RequestFailed || reason == Reason.InternalError;
  }

  /** A bug of the operator. */
  public static Failure internal(Stage stage, Throwable error) {
    return new Failure(
        stage,
        Reason.InternalError,
        "Unexpected error, will retry; see the operator's log: " + error);
  }
}
