package io.securememcached.operator.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What the client (7.8.0, WatchHTTPManager) lacks to read watches that are no WebSockets.
 *
 * <p>It decodes each buffer for itself, though its end may cut a character in two, and reads one
 * char for each byte, also where a character has several. So events are written in ASCII before:
 * whatever else is in a JSON string can be escaped (RFC 8259, section 7).
 *
 * <p>It takes a watch for one that has not begun until something happens, and an operator with such
 * a watch is not healthy. So it is given nothing to read once the answer has begun.
 */
final class HttpWatches implements Interceptor {

  @Override
  public AsyncBody.Consumer<List<ByteBuffer>> consumer(
      AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    return isWatch(request.uri()) ? new Events(consumer) : consumer;
  }

  /** The consumer is none for a WebSocket. */
  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    if (consumer != null && response.isSuccessful() && isWatch(request.uri())) {
      try {
        consumer.consume(List.of(), new Nothing());
      } catch (Exception e) {
        throw new IllegalStateException("A watch can't be read: " + request.uri(), e);
      }
    }
  }

  static boolean isWatch(URI uri) {
    return uri.getQuery() != null && uri.getQuery().contains("watch=true");
  }

  /** The body that nothing is asked of. */
  private static final class Nothing implements AsyncBody {

    private final CompletableFuture<Void> done = CompletableFuture.completedFuture(null);

    @Override
    public void consume() {
      // The real one goes on by itself.
    }

    @Override
    public CompletableFuture<Void> done() {
      return done;
    }

    @Override
    public void cancel() {
      // There is nothing to be cancelled.
    }
  }

  /** The body of one watch. */
  private static final class Events implements AsyncBody.Consumer<List<ByteBuffer>> {

    private static final int LONGEST_CHARACTER = 4;

    private final AsyncBody.Consumer<List<ByteBuffer>> next;
    private final CharsetDecoder decoder =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** The beginning of a character whose end is in the next buffer. */
    private final ByteBuffer rest = ByteBuffer.allocate(LONGEST_CHARACTER).limit(0);

    Events(AsyncBody.Consumer<List<ByteBuffer>> next) {
      this.next = next;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) throws Exception {
      next.consume(buffers.stream().map(this::ascii).toList(), body);
    }

    private ByteBuffer ascii(ByteBuffer buffer) {
      return rest.hasRemaining() || !isAscii(buffer) ? escaped(buffer) : buffer;
    }

    private static boolean isAscii(ByteBuffer buffer) {
      for (int i = buffer.position(); i < buffer.limit(); i++) {
        if (buffer.get(i) < 0) {
          return false;
        }
      }
      return true;
    }

    private ByteBuffer escaped(ByteBuffer buffer) {
      ByteBuffer bytes = ByteBuffer.allocate(rest.remaining() + buffer.remaining());
      bytes.put(rest).put(buffer).flip();
      CharBuffer chars = CharBuffer.allocate(bytes.remaining());
      decoder.decode(bytes, chars, false);
      rest.clear().put(bytes).flip();
      StringBuilder text = new StringBuilder(chars.position() * 2);
      for (char c : chars.flip().toString().toCharArray()) {
        if (c < 0x80) {
          text.append(c);
        } else {
          text.append("\\u%04x".formatted((int) c));
        }
      }
      return US_ASCII.encode(text.toString());
    }

    @Override
    public <U> U unwrap(Class<U> target) {
      U self = AsyncBody.Consumer.super.unwrap(target);
      return self != null ? self : next.unwrap(target);
    }
  }
}
