package io.securememcached.operator.api.v1beta1;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/**
 * Sizes in bytes, and the rule by which a server's memory follows from its cache.
 *
 * <p>memory = cacheSize * 9/8 + maxItemSize * 40 + maxConnections * 32 Ki + 24 Mi: an eighth for
 * the hash table and item headers, one page for each of some 40 slab classes, which memcached takes
 * even past -m, 32 Ki for the buffers and the SASL context of a connection, 24 Mi for the process
 * itself. docs/images.md has the measurements behind it.
 */
public final class Sizes {

  private static final List<String> UNITS = List.of("", "Ki", "Mi", "Gi");

  private static final String MEBIBYTES = ".matches('^[1-9][0-9]{0,5}(Mi|Gi)$')";
  private static final String KIBIBYTES = ".matches('^[1-9][0-9]{0,5}(Ki|Mi)$')";

  static final String CACHE_RULE =
      "self"
          + MEBIBYTES
          + " && quantity(self).compareTo(quantity('8Mi')) >= 0 && quantity(self).compareTo(quantity('256Gi')) <= 0";

  static final String ITEM_RULE =
      "self"
          + KIBIBYTES
          + " && quantity(self).compareTo(quantity('1Mi')) >= 0 && quantity(self).compareTo(quantity('128Mi')) <= 0";

  /** A malformed size is told once, by its own rule; the rules below could only stumble over it. */
  private static final String UNLESS_MALFORMED =
      "!self.cacheSize" + MEBIBYTES + " || !self.maxItemSize" + KIBIBYTES + " || ";

  static final String MAX_ITEM_RULE =
      UNLESS_MALFORMED
          + "quantity(self.maxItemSize).asInteger() * 2 <= quantity(self.cacheSize).asInteger()";

  static final String MEMORY_RULE =
      "quantity(self.cacheSize).asInteger() / 8 * 9 + quantity(self.maxItemSize).asInteger() * 40 + self.maxConnections * 32768 + 25165824";

  private static final String LIMIT_GIVEN =
      "(has(self.resources) && has(self.resources.limits) && 'memory' in self.resources.limits && isQuantity(string(self.resources.limits['memory'])))";
  private static final String LIMIT =
      "quantity(string(self.resources.limits['memory'])).asApproximateFloat()";

  private static final String REQUEST_GIVEN =
      "(has(self.resources) && has(self.resources.requests) && 'memory' in self.resources.requests && isQuantity(string(self.resources.requests['memory'])))";
  private static final String REQUEST =
      "quantity(string(self.resources.requests['memory'])).asApproximateFloat()";

  static final String MEMORY_LIMIT_RULE =
      UNLESS_MALFORMED + ("!" + LIMIT_GIVEN + " || ") + (LIMIT + " >= double(" + MEMORY_RULE + ")");

  static final String MEMORY_REQUEST_RULE =
      UNLESS_MALFORMED
          + ("!" + REQUEST_GIVEN + " || ")
          + (REQUEST + " <= (" + LIMIT_GIVEN + " ? " + LIMIT)
          + (" : double(" + MEMORY_RULE + "))");

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
    long number = bytes;
    int unit = 0;
    while (unit < UNITS.size() - 1 && number != 0 && number % 1024 == 0) {
      number /= 1024;
      unit++;
    }
    return new Quantity(Long.toString(number), UNITS.get(unit));
  }
}
