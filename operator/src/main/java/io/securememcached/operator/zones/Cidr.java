package io.securememcached.operator.zones;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.util.Comparator;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network by the rules that the CRD has for {@code cidr} of a source, in CEL.
 *
 * @param bits of an address: 32 or 128
 * @param first address of the network
 * @param prefix length in bits
 */
record Cidr(int bits, BigInteger first, int prefix) implements Comparable<Cidr> {

  private static final int V4 = 32;
  private static final int V6 = 128;

  /** Widest networks: of IPv4, of IPv6, and of local IPv6 addresses. */
  private static final int WIDEST_V4 = 8;

  private static final int WIDEST_V6 = 16;
  private static final int WIDEST_LOCAL = 8;
  private static final Cidr ALL_LOCAL = of("fc00::", 7);

  private static final Pattern FORM =
      Pattern.compile("([0-9.]{7,15}|[0-9a-fA-F:]{2,39})/(0|[1-9][0-9]{0,2})");
  private static final Pattern BYTE = Pattern.compile("0|[1-9][0-9]{0,2}");

  private static final Comparator<Cidr> ORDER =
      Comparator.comparingInt(Cidr::bits).thenComparing(Cidr::first).thenComparingInt(Cidr::prefix);

  /** What is not written as a network. */
  private static final String NO_NETWORK =
      "is no network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length";

  /**
   * Reads a network.
   *
   * @throws IllegalArgumentException with what is wrong, to follow the text
   */
  static Cidr parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(NO_NETWORK);
    }
    Cidr cidr = of(parts.group(1), Integer.parseInt(parts.group(2)));
    if (cidr.prefix > cidr.bits || cidr.hasHostBits()) {
      throw new IllegalArgumentException(NO_NETWORK);
    }
    if (cidr.prefix < cidr.widest() && !cidr.equals(ALL_LOCAL)) {
      throw new IllegalArgumentException(
          "is wider than /8 (IPv6: /16, or /8 under fd00) and allows a large part of the internet");
    }
    return cidr;
  }

  private static Cidr of(String address, int prefix) {
    return address.contains(":")
        ? new Cidr(V6, v6(address), prefix)
        : new Cidr(V4, v4(address), prefix);
  }

  private static BigInteger v6(String address) {
    try {
      if (Inet6Address.ofLiteral(address) instanceof Inet6Address read) {
        return new BigInteger(1, read.getAddress());
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(NO_NETWORK, e);
    }
    // An IPv4 address that is written as IPv6.
    throw new IllegalArgumentException(NO_NETWORK);
  }

  /** Leading zeros are read as octal by some. */
  private static BigInteger v4(String address) {
    String[] numbers = address.split("\\.", -1);
    long value = 0;
    for (String number : numbers) {
      if (numbers.length != 4
          || !BYTE.matcher(number).matches()
          || Integer.parseInt(number) > 255) {
        throw new IllegalArgumentException(NO_NETWORK);
      }
      value = value * 256 + Integer.parseInt(number);
    }
    return BigInteger.valueOf(value);
  }

  boolean isV4() {
    return bits == V4;
  }

  private boolean hasHostBits() {
    return first.signum() != 0 && first.getLowestSetBit() < bits - prefix;
  }

  private int widest() {
    if (bits == V4) {
      return WIDEST_V4;
    }
    return first.shiftRight(V6 - 8).intValue() == 0xfd ? WIDEST_LOCAL : WIDEST_V6;
  }

  /** Whether it has all addresses of another network. */
  boolean contains(Cidr other) {
    return bits == other.bits
        && prefix <= other.prefix
        && first.shiftRight(bits - prefix).equals(other.first.shiftRight(bits - prefix));
  }

  /** Number of addresses. */
  BigInteger size() {
    return BigInteger.ONE.shiftLeft(bits - prefix);
  }

  /** Number of addresses that one network of the internet may have at most. */
  BigInteger mostOfTheInternet() {
    return BigInteger.ONE.shiftLeft(bits - (bits == V4 ? WIDEST_V4 : WIDEST_V6));
  }

  @Override
  public int compareTo(Cidr other) {
    return ORDER.compare(this, other);
  }

  /** As the API server wants it: RFC 5952 for IPv6. */
  @Override
  public String toString() {
    return (bits == V4 ? numbers(".", 8, 10) : compressed()) + "/" + prefix;
  }

  private String numbers(String separator, int each, int radix) {
    StringJoiner numbers = new StringJoiner(separator);
    int mask = (1 << each) - 1;
    for (int shift = bits - each; shift >= 0; shift -= each) {
      numbers.add(Integer.toString(first.shiftRight(shift).intValue() & mask, radix));
    }
    return numbers.toString();
  }

  /** The first of the longest runs of two or more zeros becomes two colons. */
  private String compressed() {
    String all = numbers(":", 16, 16);
    for (int zeros = 8; zeros >= 2; zeros--) {
      Matcher run = Pattern.compile("(^|:)0(:0){" + (zeros - 1) + "}(:|$)").matcher(all);
      if (run.find()) {
        return all.substring(0, run.start()) + "::" + all.substring(run.end());
      }
    }
    return all;
  }
}
