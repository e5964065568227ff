package io.securememcached.operator.memcached;

import io.securememcached.operator.text.Quoted;
import java.util.Arrays;

/**
 * One response.
 *
 * @param code status as the number that was sent
 * @param key empty for most operations
 * @param value result of the operation or, unless {@link #ok}, the server's error text
 */
public record Response(int code, String key, byte[] value) implements Reply {

  /** Keeps a copy of the value. */
  public Response {
    value = value.clone();
  }

  /** A copy of the value. */
  @Override
  public byte[] value() {
    return value.clone();
  }

  /** The value for display. */
  public Quoted text() {
    return Quoted.of(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Response that
        && code == that.code
        && key.equals(that.key)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * code + key.hashCode()) + Arrays.hashCode(value);
  }

  /** Leaves the value out: it may be what a user stored. */
  @Override
  public String toString() {
    return "Response[%s (0x%02x), %d bytes]".formatted(status(), code, value.length);
  }
}
