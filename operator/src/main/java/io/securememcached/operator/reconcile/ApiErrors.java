package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.status.Reason;
import java.net.HttpURLConnection;

/** What a failed request to the API server says. */
final class ApiErrors {

  /** HTTP 422: the object breaks a rule of its kind. */
  static final int UNPROCESSABLE = 422;

  private ApiErrors() {}

  /** Whether the API server has judged an object, so that asking again at once is pointless. */
  static Reason reason(KubernetesClientException e) {
    return switch (e.getCode()) {
      case HttpURLConnection.HTTP_BAD_REQUEST, HttpURLConnection.HTTP_FORBIDDEN, UNPROCESSABLE ->
          Reason.Refused;
      default -> Reason.Failed;
    };
  }

  /** The API server's own words, else what kept them away. */
  static String message(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : e.getMessage();
  }
}
