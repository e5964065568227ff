package io.securememcached.operator.zones;

import io.securememcached.operator.memcached.ServerAddress;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A network in canonical form (RFC 4632, RFC 5952): two are equal however they were written.
 *
 * @param ip its first address
 * @param prefix length in bits
 */
public record Cidr(InetAddress ip, int prefix) implements Comparable<Cidr> {

  /** Widest networks of a source: of IPv4, of IPv6, and of local IPv6 addresses. */
  private static final int WIDEST_V4 = 8;

  private static final int WIDEST_V6 = 16;
  private static final int WIDEST_LOCAL = 8;

  private static final Pattern FORM =
      Pattern.compile("([0-9.]{7,15}|[0-9a-fA-F:]{2,39})/(0|[1-9][0-9]{0,2})");

  /** Leading zeros are read as octal by some. */
  private static final Pattern V4 =
      Pattern.compile("(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})");

  private static final Comparator<Cidr> ORDER =
      Comparator.comparing(Cidr::isIpv6).thenComparing(Cidr::number).thenComparingInt(Cidr::prefix);

  /** All local IPv6 addresses (RFC 4193), which the rules of the CRD allow. */
  private static final Cidr ALL_LOCAL = read("fc00::/7").orElseThrow();

  /** Addresses that are not of the internet; several of them together are no large part of it. */
  private static final List<Cidr> LOCAL =
      Stream.of("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
          .flatMap(text -> read(text).stream())
          .toList();

  /** Reads a network such as {@code 10.0.4.0/24}, of any width; empty for other text. */
  public static Optional<Cidr> read(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String address = parts.group(1);
    boolean isIpv6 = address.contains(":");
    if (!isIpv6 && !V4.matcher(address).matches()) {
      return Optional.empty();
    }
    return ServerAddress.of(address, 0)
        // Not an IPv4 address that is written as IPv6.
        .filter(read -> read.isIpv6() == isIpv6)
        .map(read -> new Cidr(read.ip(), Integer.parseInt(parts.group(2))))
        .filter(network -> network.prefix <= network.bits())
        .filter(Cidr::hasNoHostBits);
  }

  /**
   * Reads a network by the rules that the CRD has for {@code cidr} of a source, in CEL.
   *
   * @throws IllegalArgumentException with what is wrong, to follow the text
   */
  static Cidr parse(String text) {
    Cidr network =
        read(text)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "is no network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length"));
    if (!network.isNarrow()) {
      throw new IllegalArgumentException(
          "is wider than /8 (IPv6: /16, or /8 under fd00) and allows a large part of the internet");
    }
    return network;
  }

  /** Sorted, and without those that others contain. */
  public static List<Cidr> canonical(Collection<Cidr> networks) {
    List<Cidr> kept = new ArrayList<>();
    // In order, the wider comes first.
    networks.stream()
        .sorted(ORDER)
        .filter(network -> kept.isEmpty() || !kept.getLast().contains(network))
        .forEach(kept::add);
    return kept;
  }

  /** The addresses that are in both lists, which must be canonical, in this form. */
  public static List<Cidr> intersection(List<Cidr> some, List<Cidr> others) {
    List<Cidr> both = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < some.size() && j < others.size()) {
      Cidr one = some.get(i);
      Cidr other = others.get(j);
      if (one.contains(other)) {
        both.add(other);
        j++;
      } else if (other.contains(one)) {
        both.add(one);
        i++;
      } else if (one.compareTo(other) < 0) {
        i++;
      } else {
        j++;
      }
    }
    return both;
  }

  /** Whether a source may have it, as a wider one has a large part of the internet. */
  public boolean isNarrow() {
    int widest = isIpv6() ? WIDEST_V6 : WIDEST_V4;
    if (number().shiftRight(bits() - Byte.SIZE).intValue() == 0xfd) {
      widest = WIDEST_LOCAL;
    }
    return prefix >= widest || equals(ALL_LOCAL);
  }

  /** Whether networks together allow no more of the internet than a single one may. */
  public static boolean areNarrow(Collection<Cidr> networks) {
    return Stream.of(false, true)
        .map(
            isIpv6 ->
                canonical(
                    networks.stream()
                        .filter(of -> of.isIpv6() == isIpv6)
                        .filter(of -> LOCAL.stream().noneMatch(local -> local.contains(of)))
                        .toList()))
        .filter(internet -> !internet.isEmpty())
        .allMatch(
            internet ->
                internet.stream()
                        .map(Cidr::size)
                        .reduce(BigInteger.ZERO, BigInteger::add)
                        .compareTo(internet.getFirst().mostOfTheInternet())
                    <= 0);
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

  /** Number of addresses. */
  BigInteger size() {
    return BigInteger.ONE.shiftLeft(bits() - prefix);
  }

  /** Number of addresses that one network of the internet may have at most. */
  BigInteger mostOfTheInternet() {
    return BigInteger.ONE.shiftLeft(bits() - (isIpv6() ? WIDEST_V6 : WIDEST_V4));
  }

  @Override
  public int compareTo(Cidr other) {
    return ORDER.compare(this, other);
  }

  /** Such as {@code 10.0.4.0/24} and {@code fd00::/64}. */
  @Override
  public String toString() {
    return new ServerAddress(ip, 0).host() + "/" + prefix;
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
