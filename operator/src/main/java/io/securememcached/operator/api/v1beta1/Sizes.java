package io.securememcached.operator.api.v1beta1;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;

/**
 * Sizes in bytes, and the rule by which a server's memory follows from its cache.
 *
 * <p>memory = cacheSize * 9/8 + maxItemSize * 40 + maxConnections * 32 Ki + 24 Mi: an eighth for
 * the hash table and item headers, one page for each of some 40 slab classes, which memcached takes
 * even past -m, 32 Ki for the buffers and the SASL context of a connection, 24 Mi for the process
 * itself. docs/images.md has the measurements behind it.
 */
public final class Sizes {

  static final String MAX_ITEM_RULE =
      "!quantity(self.maxItemSize).isGreaterThan(quantity(self.cacheSize)) && quantity(self.maxItemSize).asInteger() * 2 <= quantity(self.cacheSize).asInteger()";

  static final String MEMORY_RULE =
      "quantity(self.cacheSize).asInteger() / 8 * 9 + quantity(self.maxItemSize).asInteger() * 40 + self.maxConnections * 32768 + 25165824";

  static final String MEMORY_LIMIT_RULE =
      "!has(self.resources) || !has(self.resources.limits) || !('memory' in self.resources.limits) || quantity(string(self.resources.limits['memory'])).asApproximateFloat() >= double("
          + MEMORY_RULE
          + ")";

  static final String MEMORY_REQUEST_RULE =
      "!has(self.resources) || !has(self.resources.requests) || !('memory' in self.resources.requests) || quantity(string(self.resources.requests['memory'])).asApproximateFloat() <= (has(self.resources.limits) && 'memory' in self.resources.limits ? quantity(string(self.resources.limits['memory'])).asApproximateFloat() : double("
          + MEMORY_RULE
          + "))";

  private Sizes() {}

  /** Bytes of a quantity such as {@code 64Mi}. */
  public static long bytes(String quantity) {
    return Quantity.getAmountInBytes(new Quantity(quantity)).longValueExact();
  }

  /** Memory a server needs, in bytes. The same as {@link #MEMORY_RULE}. */
  public static long serverMemory(SecureMemcachedSpec spec) {
    return bytes(spec.cacheSize()) / 8 * 9
        + bytes(spec.maxItemSize()) * 40
        + spec.maxConnections() * 32768L
        + 25165824L;
  }

  /** A number of bytes in the largest unit that keeps it whole, as the API server writes it. */
  public static Quantity quantity(long bytes) {
    return Quantity.fromNumericalAmount(BigDecimal.valueOf(bytes), "Ki");
  }
}
