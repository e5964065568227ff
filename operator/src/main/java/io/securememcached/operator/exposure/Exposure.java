package io.securememcached.operator.exposure;

import io.securememcached.operator.text.Quoted;
import java.util.Comparator;

/**
 * One thing that exposes a resource's servers.
 *
 * @param object kind and name of what exposes them, such as {@code NetworkPolicy allow-all}; with
 *     its namespace before the name when it is another one
 * @param detail one line: what is exposed, to whom, what to do; never a value of an environment
 *     variable, which may be a password
 * @param isIntended whether it is only reported and does not affect readiness: an administrator
 *     intends it, or an attacker could not use it
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

  /** An unintended one. */
  public Exposure(Kind kind, String object, String detail) {
    this(kind, object, detail, false);
  }

  /** Quotes both, as they repeat foreign text. */
  public Exposure {
    object = Quoted.printable(object, LONGEST_OBJECT);
    detail = Quoted.printable(detail, LONGEST_DETAIL);
  }

  @Override
  public int compareTo(Exposure other) {
    return ORDER.compare(this, other);
  }
}
