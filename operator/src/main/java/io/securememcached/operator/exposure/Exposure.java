package io.securememcached.operator.exposure;

import java.util.Comparator;

/**
 * One thing that opens a resource's servers.
 *
 * @param object kind and name of what opens them, such as {@code NetworkPolicy allow-all}; with its
 *     namespace before the name when it is another one
 * @param detail one line for people: what it opens, to whom, what to do; never a value of an
 *     environment variable, which may be a password
 */
public record Exposure(Kind kind, String object, String detail) implements Comparable<Exposure> {

  private static final Comparator<Exposure> ORDER =
      Comparator.comparing(Exposure::kind)
          .thenComparing(Exposure::object)
          .thenComparing(Exposure::detail);

  @Override
  public int compareTo(Exposure other) {
    return ORDER.compare(this, other);
  }
}
