package io.securememcached.operator.sasl;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The realms that the sasldb of a server set covers.
 *
 * <p>A memcached server looks a user up under its own host name, which in a StatefulSet is the
 * pod's name (memcached {@code sasl_defs.c}: {@code gethostname}). A client that logs in as {@code
 * user@REALM} is looked up under that realm instead, on every server.
 */
public final class Realms {

  private static final int SMALLEST_CAPACITY = 8;

  private Realms() {}

  /**
   * The fixed realm NAME, then the host names NAME-0 to NAME-(capacity - 1).
   *
   * @param name name of the StatefulSet
   * @param replicas number of servers wanted, 0 or more
   */
  public static List<String> of(String name, int replicas) {
    return Stream.concat(
            Stream.of(name),
            IntStream.range(0, capacity(replicas)).mapToObj(ordinal -> name + "-" + ordinal))
        .toList();
  }

  /**
   * For how many servers the file is written: the smallest power of two that leaves room to grow by
   * half and one, at least 8. So the file stays the same over small steps of an autoscaler, and its
   * size stays below four times what the servers at hand need.
   */
  static int capacity(int replicas) {
    if (replicas < 0) {
      throw new IllegalArgumentException("replicas is negative: " + replicas);
    }
    int wanted = Math.max(SMALLEST_CAPACITY, Math.addExact(replicas, replicas / 2 + 1));
    return Math.toIntExact(Long.highestOneBit(2L * wanted - 1));
  }
}
