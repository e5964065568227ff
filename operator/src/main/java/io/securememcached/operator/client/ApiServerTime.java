package io.securememcached.operator.client;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API server's clock, for the start and the end of logins: a wrong clock of the operator's node
 * must not end a login early, nor prolong a previous one.
 */
public final class ApiServerTime {

  /** The response has whole seconds, and some delay. */
  static final Duration TOLERANCE = Duration.ofSeconds(10);

  private static final long TIMEOUT_SECONDS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(ApiServerTime.class);

  private ApiServerTime() {}

  /**
   * The given time, or the API server's if they differ by more than {@link #TOLERANCE}.
   *
   * @throws KubernetesClientException if the request to the API server fails
   */
  public static Instant confirm(Instant local, KubernetesClient client) {
    Instant remote = ask(client);
    if (Duration.between(local, remote).abs().compareTo(TOLERANCE) <= 0) {
      return local;
    }
    LOG.atWarn()
        .addKeyValue("here", local)
        .addKeyValue("apiServer", remote)
        .log("Used the API server's time for logins, as this node's clock differs from it");
    return remote;
  }

  private static Instant ask(KubernetesClient client) {
    HttpClient http = client.getHttpClient();
    try {
      // Every response has the time in a header, also an error.
      HttpResponse<String> response =
          http.sendAsync(
                  http.newHttpRequestBuilder()
                      .uri(client.getMasterUrl().toURI().resolve("/version"))
                      .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                      .build(),
                  String.class)
              .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      String date = response.header("Date");
      if (date == null) {
        throw new KubernetesClientException("The API server's response has no Date header");
      }
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubernetesClientException("Interrupted while requesting the API server's time", e);
    } catch (ExecutionException
        | TimeoutException
        | DateTimeException
        | java.net.URISyntaxException e) {
      throw new KubernetesClientException("Could not determine the API server's time", e);
    }
  }
}
