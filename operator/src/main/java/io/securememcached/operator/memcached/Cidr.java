package io.securememcached.operator.memcached;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network in canonical form (RFC 4632, RFC 5952): two are equal however they were written.
 *
 * @param ip its first address
 * @param prefix length in bits
 */
public record Cidr(InetAddress ip, int prefix) implements Comparable<Cidr> {

  private static final Pattern TEXT = Pattern.compile("([^/]+)/(\\d{1,3})");

  private static final Comparator<Cidr> ORDER =
      Comparator.comparing(Cidr::isIpv6).thenComparing(Cidr::number).thenComparingInt(Cidr::prefix);

  /** Parses a network such as {@code 10.0.4.0/24}; empty for other text. */
  public static Optional<Cidr> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(parts.group(2));
    return ServerAddress.of(parts.group(1), 0)
        .map(ServerAddress::ip)
        .filter(ip -> prefix <= Byte.SIZE * ip.getAddress().length)
        .map(ip -> new Cidr(ip, prefix))
        .filter(Cidr::hasNoHostBits);
  }

  /** Sorted, and without those that others contain. */
  public static List<Cidr> canonical(Collection<Cidr> networks) {
    List<Cidr> kept = new ArrayList<>();
    networks.stream()
        .sorted(Comparator.comparingInt(Cidr::prefix).thenComparing(ORDER))
        .filter(network -> kept.stream().noneMatch(wider -> wider.contains(network)))
        .forEach(kept::add);
    kept.sort(ORDER);
    return kept;
  }

  /** The addresses that are in both lists, in canonical form. */
  public static List<Cidr> intersection(Collection<Cidr> some, Collection<Cidr> others) {
    List<Cidr> both = new ArrayList<>();
    for (Cidr one : some) {
      for (Cidr other : others) {
        if (other.contains(one)) {
          both.add(one);
        } else if (one.contains(other)) {
          both.add(other);
        }
      }
    }
    return canonical(both);
  }

  /** Whether all addresses of another network are in this one. */
  public boolean contains(Cidr other) {
    return isIpv6() == other.isIpv6()
        && prefix <= other.prefix
        && number().shiftRight(bits() - prefix).equals(other.number().shiftRight(bits() - prefix));
  }

  /** Whether an address is in this network; false for text that is no address. */
  public boolean contains(String address) {
    return ServerAddress.of(address, 0)
        .map(ServerAddress::ip)
        .filter(ip -> contains(new Cidr(ip, Byte.SIZE * ip.getAddress().length)))
        .isPresent();
  }

  /** Whether it is a network of IPv6. */
  public boolean isIpv6() {
    return new ServerAddress(ip, 0).isIpv6();
  }

  /** Such as {@code 10.0.4.0/24} and {@code fd00::/64}. */
  @Override
  public String toString() {
    return new ServerAddress(ip, 0).host() + "/" + prefix;
  }

  @Override
  public int compareTo(Cidr other) {
    return ORDER.compare(this, other);
  }

  private boolean hasNoHostBits() {
    int host = bits() - prefix;
    return number().shiftRight(host).shiftLeft(host).equals(number());
  }

  private int bits() {
    return Byte.SIZE * ip.getAddress().length;
  }

  private BigInteger number() {
    return new BigInteger(1, ip.getAddress());
  }
}
