package io.securememcached.operator.client;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Counts the requests to the API server by method and status code: {@code
 * rest_client_requests_total}, which has this name and these labels in client-go, too. A retried
 * request counts each time; a watch counts when it begins.
 */
public final class RequestMetrics implements Interceptor {

  private static final String NAME = "rest.client.requests";

  /** The word of client-go for a request without a response, see its metrics.go. */
  private static final String NO_RESPONSE = "<error>";

  private final MeterRegistry registry;

  public RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void after(
      HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> body) {
    count(request, Integer.toString(response.code()));
  }

  @Override
  public void afterConnectionFailure(HttpRequest request, Throwable failure) {
    count(request, NO_RESPONSE);
  }

  private void count(HttpRequest request, String code) {
    Counter.builder(NAME)
        .description("Requests to the API server")
        .tag("method", request.method())
        .tag("code", code)
        .register(registry)
        .increment();
  }
}
