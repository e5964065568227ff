package io.securememcached.operator.client;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.status.Reason;
import java.net.HttpURLConnection;

/** Evaluates failed requests to the API server. */
public final class ApiErrors {

  /** HTTP 422: the object breaks a rule of its kind. */
  public static final int UNPROCESSABLE = 422;

  private ApiErrors() {}

  /** Whether the API server has rejected an object, so that an immediate retry is pointless. */
  public static Reason reason(KubernetesClientException e) {
    return switch (e.getCode()) {
      case HttpURLConnection.HTTP_BAD_REQUEST, HttpURLConnection.HTTP_FORBIDDEN, UNPROCESSABLE ->
          Reason.ChildRejected;
      default -> Reason.RequestFailed;
    };
  }

  /** The API server's message, else that of the client. */
  public static String message(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : e.getMessage();
  }
}
