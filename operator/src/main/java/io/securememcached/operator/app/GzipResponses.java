package io.securememcached.operator.app;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Asks for compressed answers, which the client for the JDK leaves out. The API server compresses
 * what is longer than 128 KiB: lists, to a tenth, and reading them is most of a start.
 *
 * <p>A watch is left as it is: a proxy on the way that compresses it would hold events back.
 */
final class GzipResponses implements Interceptor {

  /** A gzip file (RFC 1952) begins with this byte, and no JSON does. */
  private static final int MAGIC = 0x1f;

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (isRead(request.method(), request.uri())) {
      builder.setHeader("Accept-Encoding", "gzip");
    }
  }

  @Override
  public AsyncBody.Consumer<List<ByteBuffer>> consumer(
      AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    return isRead(request.method(), request.uri()) ? new Body(consumer) : consumer;
  }

  private static boolean isRead(String method, URI uri) {
    return method.equals("GET") && !HttpWatches.isWatch(uri);
  }

  /** Inflates a body if it is compressed: the headers of the answer come after the consumer. */
  private static final class Body implements AsyncBody.Consumer<List<ByteBuffer>> {

    private final AsyncBody.Consumer<List<ByteBuffer>> next;
    private Optional<AsyncBody.Consumer<List<ByteBuffer>>> chosen = Optional.empty();

    Body(AsyncBody.Consumer<List<ByteBuffer>> next) {
      this.next = next;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) throws Exception {
      if (chosen.isEmpty()) {
        chosen =
            buffers.stream()
                .filter(ByteBuffer::hasRemaining)
                .findFirst()
                .map(first -> first.get(first.position()) == MAGIC ? new Inflating(next) : next);
      }
      chosen.orElse(next).consume(buffers, body);
    }

    @Override
    public <U> U unwrap(Class<U> target) {
      U self = AsyncBody.Consumer.super.unwrap(target);
      return self != null ? self : next.unwrap(target);
    }
  }

  /** The check sum at the end is not looked at: TLS has one. */
  private static final class Inflating implements AsyncBody.Consumer<List<ByteBuffer>> {

    private static final byte[] HEADER = {MAGIC, (byte) 0x8b, 8, 0};
    private static final int HEADER_LENGTH = 10;
    private static final int CHUNK = 32 * 1024;

    private final AsyncBody.Consumer<List<ByteBuffer>> next;
    private final Inflater inflater = new Inflater(true);
    private int headerRead;
    private boolean finished;

    Inflating(AsyncBody.Consumer<List<ByteBuffer>> next) {
      this.next = next;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) throws Exception {
      List<ByteBuffer> inflated = new ArrayList<>();
      for (ByteBuffer buffer : buffers) {
        skipHeader(buffer);
        inflate(buffer, inflated);
      }
      next.consume(inflated, body);
    }

    private void skipHeader(ByteBuffer buffer) throws IOException {
      for (; headerRead < HEADER_LENGTH && buffer.hasRemaining(); headerRead++) {
        byte read = buffer.get();
        if (headerRead < HEADER.length && read != HEADER[headerRead]) {
          throw new IOException(
              "The API server's answer begins with a gzip header that is not understood: byte %d is 0x%02x, not 0x%02x"
                  .formatted(headerRead, read, HEADER[headerRead]));
        }
      }
    }

    private void inflate(ByteBuffer from, List<ByteBuffer> to) throws IOException {
      if (finished) {
        return;
      }
      inflater.setInput(from);
      try {
        while (!inflater.needsInput() && !inflater.finished()) {
          ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
          inflater.inflate(chunk);
          to.add(chunk.flip());
        }
        finished = inflater.finished();
        if (finished) {
          inflater.end();
        }
      } catch (DataFormatException e) {
        throw new IOException("The API server's answer is not the gzip file it says it is", e);
      }
    }
  }
}
