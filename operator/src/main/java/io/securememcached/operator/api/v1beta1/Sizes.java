package io.securememcached.operator.api.v1beta1;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/**
 * Sizes in bytes, and the rule that derives a server's memory from its cache.
 *
 * <p>memory = cacheSize * 9/8 + rest + maxConnections * 32 Ki: an eighth for the hash table and
 * item headers, 32 Ki for the buffers and the SASL context of a connection. The rest is the process
 * itself and one page for each of some 40 slab classes, which memcached allocates even beyond -m. A
 * page of memcached 1.4.15 (CentOS7) is as large as maxItemSize, so there it is maxItemSize * 40 +
 * 24 Mi; one of 1.6 (Debian12, Debian13) is 1 Mi whatever maxItemSize says, and 48 Mi was never
 * exceeded. docs/images.md has the measurements behind it.
 *
 * <p>Each rule is written twice, for the API server in CEL and for the operator in Java; SizesIT
 * finds the same boundary for both.
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

  /** A malformed size is reported once, by its own rule; the rules below would fail to evaluate. */
  private static final String UNLESS_MALFORMED =
      "!self.cacheSize" + MEBIBYTES + " || !self.maxItemSize" + KIBIBYTES + " || ";

  static final String MAX_ITEM_RULE =
      UNLESS_MALFORMED
          + "quantity(self.maxItemSize).asInteger() * 2 <= quantity(self.cacheSize).asInteger()";

  private static final String FLAVOR_GIVEN = "(has(self.image) && has(self.image.flavor))";
  private static final String DEBIAN =
      "(" + FLAVOR_GIVEN + " && self.image.flavor in ['Debian12', 'Debian13'])";

  private static final String DEBIAN_REST = "50331648";
  private static final String CENTOS_REST =
      "quantity(self.maxItemSize).asInteger() * 40 + 25165824";

  private static final String LIMIT_GIVEN =
      "(has(self.resources) && has(self.resources.limits) && has(self.resources.limits.memory) && isQuantity(string(self.resources.limits.memory)))";
  private static final String LIMIT =
      "quantity(string(self.resources.limits.memory)).asApproximateFloat()";

  private static final String REQUEST_GIVEN =
      "(has(self.resources) && has(self.resources.requests) && has(self.resources.requests.memory) && isQuantity(string(self.resources.requests.memory)))";
  private static final String REQUEST =
      "quantity(string(self.resources.requests.memory)).asApproximateFloat()";

  private static final String RISK_TAKEN =
      "(has(self.resources) && has(self.resources.allowLowMemory) && self.resources.allowLowMemory)";

  private static final String MEMORY_BEFORE_REST =
      "double(quantity(self.cacheSize).asInteger() / 8 * 9 + ";
  private static final String MEMORY_AFTER_REST = " + self.maxConnections * 32768)";

  static final String DEBIAN_LIMIT_RULE =
      UNLESS_MALFORMED
          + ("!" + DEBIAN + " || " + RISK_TAKEN + " || !" + LIMIT_GIVEN + " || ")
          + (LIMIT + " >= " + MEMORY_BEFORE_REST + DEBIAN_REST + MEMORY_AFTER_REST);

  /** Without a flavor it may be either, so the larger need applies. */
  static final String OTHER_LIMIT_RULE =
      UNLESS_MALFORMED
          + (DEBIAN + " || " + RISK_TAKEN + " || !" + LIMIT_GIVEN + " || ")
          + (LIMIT + " >= " + MEMORY_BEFORE_REST + CENTOS_REST + MEMORY_AFTER_REST);

  /** Without a limit the computed one covers the request. */
  static final String MEMORY_REQUEST_RULE =
      "!" + REQUEST_GIVEN + " || !" + LIMIT_GIVEN + " || " + REQUEST + " <= " + LIMIT;

  private Sizes() {}

  /** Bytes of a quantity such as {@code 64Mi}. */
  public static long bytes(String quantity) {
    return Quantity.getAmountInBytes(new Quantity(quantity)).longValueExact();
  }

  /** Memory a server of a flavor needs, in bytes. The same as the rules above. */
  public static long serverMemory(SecureMemcachedSpec spec, Image.Flavor flavor) {
    long rest =
        switch (flavor) {
          case CentOS7 -> bytes(spec.maxItemSize()) * 40 + (24L << 20);
          case Debian12, Debian13 -> 48L << 20;
        };
    return bytes(spec.cacheSize()) / 8 * 9 + rest + spec.maxConnections() * 32768L;
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
