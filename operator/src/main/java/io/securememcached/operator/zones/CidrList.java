package io.securememcached.operator.zones;

import io.securememcached.operator.api.v1beta1.Source;
import io.securememcached.operator.text.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads a list of CIDRs: one a line, with blank lines and {@code #} comments. An empty list is
 * valid, and admits nobody.
 */
public final class CidrList {

  /** Maximum number of different CIDRs. */
  public static final int MOST = 500;

  /** Maximum size in bytes, comments included. */
  public static final int LARGEST = 64 * 1024;

  /** Of a line in a message: an IPv6 network fits. */
  private static final int LONGEST_QUOTE = 48;

  /** Further bad lines that a message names. */
  private static final int MORE = 5;

  private static final Pattern HOST_NAME = Pattern.compile(Source.HOST_NAME);

  private CidrList() {}

  /**
   * The CIDRs of a list, each once and sorted, so that another order is no change.
   *
   * @throws CidrListException if a line or the whole is not acceptable
   */
  public static List<String> parse(String text) throws CidrListException {
    if (text.getBytes(StandardCharsets.UTF_8).length > LARGEST) {
      throw new CidrListException(
          "the list exceeds %d bytes; shorten comments, or join networks".formatted(LARGEST));
    }
    SortedSet<Cidr> cidrs = new TreeSet<>();
    List<Integer> bad = new ArrayList<>();
    String first = "";
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      String entry = withoutComment(line);
      if (!entry.isEmpty()) {
        try {
          cidrs.add(cidr(entry));
        } catch (IllegalArgumentException e) {
          first =
              bad.isEmpty()
                  ? "line %d: '%s' %s"
                      .formatted(number, Quoted.printable(entry, LONGEST_QUOTE), e.getMessage())
                  : first;
          bad.add(number);
        }
      }
    }
    if (!bad.isEmpty()) {
      throw new CidrListException(first + more(bad));
    }
    if (cidrs.size() > MOST) {
      throw new CidrListException(
          "the list has %d CIDRs, the limit is %d; join networks, or use several lists"
              .formatted(cidrs.size(), MOST));
    }
    requireNarrow(cidrs);
    return cidrs.stream().map(Cidr::toString).toList();
  }

  private static String withoutComment(String line) {
    int comment = line.indexOf('#');
    return (comment < 0 ? line : line.substring(0, comment)).strip();
  }

  private static Cidr cidr(String entry) {
    if (HOST_NAME.matcher(entry).matches()) {
      throw new IllegalArgumentException(
          "is a host name, and a NetworkPolicy knows addresses only; write its address, such as 10.0.4.7/32");
    }
    return Cidr.parse(entry);
  }

  private static String more(List<Integer> bad) {
    List<Integer> others = bad.subList(1, bad.size());
    if (others.isEmpty()) {
      return "";
    }
    return "; also wrong: line "
        + others.stream().limit(MORE).map(String::valueOf).collect(Collectors.joining(", "))
        + (others.size() > MORE ? " and %d more".formatted(others.size() - MORE) : "");
  }

  private static void requireNarrow(SortedSet<Cidr> cidrs) throws CidrListException {
    if (!Cidr.areNarrow(cidrs)) {
      throw new CidrListException(
          "its networks together are wider than one /8 (IPv6: one /16) and allow a large part of the internet; name those that need the cache");
    }
  }
}
