package io.securememcached.operator.memory;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.WebSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the pages of all lists one after the other, in the order of the requests. Tenants decide on
 * the size of a page, which is in memory three times before it is reduced: as it arrives, as a
 * whole, and as objects. One that is larger than {@value #LARGEST} bytes is aborted and requested
 * again as a page of a single object (docs/adr/0020-what-is-kept-of-foreign-objects.md).
 */
public final class SequentialLists implements HttpClient {

  private static final int LARGEST = 2 << 20;

  /** After a page smaller than this the next one may have more objects. */
  private static final int SMALL = LARGEST / 8;

  private static final int GROWTH = 4;

  /** Maximum time that a pending page delays others. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Pattern LIMIT = Pattern.compile("(?<=[?&]limit=)[0-9]+");

  private final HttpClient client;
  private final ExecutorService turns =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("lists").factory());

  /** Maximum number of objects in the next page, whatever the request; used by one thread only. */
  private long most = Payload.PAGE;

  /** Builds the client that sends all requests, and closes it. */
  public SequentialLists(HttpClient.Builder builder) {
    client = builder.addOrReplaceInterceptor("largest-page", new LargestPage()).build();
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, Class<T> type) {
    if (limit(request) == 0) {
      return client.sendAsync(request, type);
    }
    // Dependent stages run in the same thread: objects are deserialized before the next page is
    // requested.
    return CompletableFuture.completedFuture(request)
        .thenComposeAsync(page -> read((StandardHttpRequest) page, type), turns);
  }

  private <T> CompletableFuture<HttpResponse<T>> read(StandardHttpRequest page, Class<T> type) {
    HeapWatch.awaitRoom();
    CompletableFuture<HttpResponse<T>> answer = sendAndWait(page, type);
    if (isTooLarge(answer)) {
      most = 1;
      return sendAndWait(page, type);
    }
    if (isSmall(answer)) {
      most = Math.min(most * GROWTH, Payload.PAGE);
    }
    return answer;
  }

  private <T> CompletableFuture<HttpResponse<T>> sendAndWait(
      StandardHttpRequest page, Class<T> type) {
    String limit = Long.toString(Math.min(most, limit(page)));
    URI uri = URI.create(LIMIT.matcher(page.uri().toString()).replaceFirst(limit));
    CompletableFuture<HttpResponse<T>> answer =
        client.sendAsync(page.newBuilder().uri(uri).build(), type);
    answer
        .handle((response, error) -> response)
        .completeOnTimeout(null, PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
    return answer;
  }

  /** The limit of a request; 0 without one. */
  private static long limit(HttpRequest request) {
    Matcher limit = LIMIT.matcher(request.uri().toString());
    return limit.find() ? Long.parseLong(limit.group()) : 0;
  }

  private static <T> boolean isSmall(CompletableFuture<HttpResponse<T>> answer) {
    return answer.state() == Future.State.SUCCESS
        && answer.resultNow().body() instanceof byte[] body
        && body.length < SMALL;
  }

  private static boolean isTooLarge(CompletableFuture<?> answer) {
    return answer.state() == Future.State.FAILED
        && answer.exceptionNow() instanceof TooLargeException;
  }

  /** Aborts a page of several objects that is too large. */
  private static final class LargestPage implements Interceptor {

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
        AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
      return limit(request) > 1 ? new Counter(consumer) : consumer;
    }
  }

  private static final class Counter implements AsyncBody.Consumer<List<ByteBuffer>> {

    private final AsyncBody.Consumer<List<ByteBuffer>> consumer;
    private int bytes;

    Counter(AsyncBody.Consumer<List<ByteBuffer>> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void consume(List<ByteBuffer> some, AsyncBody body) throws Exception {
      bytes += some.stream().mapToInt(ByteBuffer::remaining).sum();
      if (bytes > LARGEST) {
        throw new TooLargeException();
      }
      consumer.consume(some, body);
    }
  }

  private static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;
  }

  @Override
  public CompletableFuture<HttpResponse<AsyncBody>> consumeBytes(
      HttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    return client.consumeBytes(request, consumer);
  }

  @Override
  public DerivedClientBuilder newBuilder() {
    return client.newBuilder();
  }

  @Override
  public WebSocket.Builder newWebSocketBuilder() {
    return client.newWebSocketBuilder();
  }

  @Override
  public HttpRequest.Builder newHttpRequestBuilder() {
    return client.newHttpRequestBuilder();
  }

  @Override
  public boolean isClosed() {
    return client.isClosed();
  }

  @Override
  public void close() {
    client.close();
    turns.shutdown();
  }
}
