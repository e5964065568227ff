package io.securememcached.operator.children;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import java.util.List;
import java.util.function.Supplier;

/** A child could not be applied. */
public final class ChildException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  public ChildException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  public Failure failure() {
    return failure;
  }

  /** The failure for an error that ended a reconciliation. */
  public static Failure failureOf(Throwable error) {
    if (error instanceof ChildException child) {
      return child.failure();
    }
    if (error instanceof OperatorException && error.getCause() != null) {
      // The framework wraps exceptions of a reconciliation.
      return failureOf(error.getCause());
    }
    // Each step has its stage; what follows them belongs to the last one.
    return failure(Stage.CHECKS, error);
  }

  /** Runs a step of a stage, and attributes its errors to the stage. */
  public static <R> R during(Stage stage, Supplier<R> step) {
    try {
      return step.get();
    } catch (ChildException | StaleLoginsException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ChildException(failure(stage, e), e);
    }
  }

  /** Whether a retry can fix it, without any change by a user. */
  public boolean isRetried() {
    return failure.isRetried();
  }

  /** Whether all logins are stored, and a retry at once would change nothing. */
  public boolean leavesServersAlone() {
    return failure.stage() == Stage.SERVERS && !isRetried() && !isNamespaceTerminating();
  }

  /** Whether the namespace is terminating. */
  public boolean isNamespaceTerminating() {
    return getCause() instanceof KubernetesClientException api
        && api.getStatus() != null
        && api.getStatus().getDetails() != null
        && api.getStatus().getDetails().getCauses().stream()
            .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
  }

  /**
   * Ends a reconciliation whose caches are incomplete.
   *
   * @param kinds that can't be listed in the namespace of the resource
   */
  public static void requireRead(List<String> kinds) {
    if (!kinds.isEmpty()) {
      throw new ChildException(
          new Failure(
              Stage.CREDENTIALS,
              Reason.NamespaceUnreadable,
              "Can't list or watch "
                  + String.join(", ", kinds)
                  + " in this namespace; servers and Secrets are left unchanged. Create the operator's Role and RoleBinding in this namespace; see the operator's log for the API server's error."),
          null);
    }
  }

  /** An error of the API server in a step of a stage. */
  public static ChildException before(Stage stage, KubernetesClientException error) {
    return new ChildException(failure(stage, error), error);
  }

  private static Failure failure(Stage stage, Throwable error) {
    if (error instanceof OperatorException && error.getCause() != null) {
      // The framework wraps exceptions.
      return failure(stage, error.getCause());
    }
    return error instanceof KubernetesClientException
        ? new Failure(
            stage, Reason.RequestFailed, "Kubernetes API request failed: " + error.getMessage())
        : Failure.internal(stage, error);
  }
}
