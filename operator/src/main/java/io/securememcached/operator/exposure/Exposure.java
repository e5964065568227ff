package io.securememcached.operator.exposure;

import io.securememcached.operator.text.Quoted;
import java.util.Comparator;

/**
 * One thing that opens a resource's servers.
 *
 * @param object kind and name of what opens them, such as {@code NetworkPolicy allow-all}; with its
 *     namespace before the name when it is another one
 * @param detail one line for people: what it opens, to whom, what to do; never a value of an
 *     environment variable, which may be a password
 * @param isIntended whether it is told, and takes nothing away from the resource's being ready: an
 *     administrator means it so, or it opens nothing that an attacker could use
 */
public record Exposure(Kind kind, String object, String detail, boolean isIntended)
    implements Comparable<Exposure> {

  private static final Comparator<Exposure> ORDER =
      Comparator.comparing(Exposure::kind)
          .thenComparing(Exposure::object)
          .thenComparing(Exposure::detail)
          .thenComparing(Exposure::isIntended);

  private static final int LONGEST_OBJECT = 400;
  private static final int LONGEST_DETAIL = 600;

  /** One that nobody intends. */
  public Exposure(Kind kind, String object, String detail) {
    this(kind, object, detail, false);
  }

  /** Quotes both, which repeat what others have written. */
  public Exposure {
    object = Quoted.printable(object, LONGEST_OBJECT);
    detail = Quoted.printable(detail, LONGEST_DETAIL);
  }

  @Override
  public int compareTo(Exposure other) {
    return ORDER.compare(this, other);
  }
}
