package io.securememcached.operator.memory;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** How large an object is as JSON, without writing it anywhere. */
public final class JsonSize {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonSize() {}

  /** The size in bytes. */
  public static long of(Object object) {
    Counter counter = new Counter();
    try {
      MAPPER.writeValue(counter, object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return counter.bytes;
  }

  private static final class Counter extends OutputStream {
    private long bytes;

    @Override
    public void write(int one) {
      bytes++;
    }

    @Override
    public void write(byte[] some, int offset, int length) {
      bytes += length;
    }
  }
}
