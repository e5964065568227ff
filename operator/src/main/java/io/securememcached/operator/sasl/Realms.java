package io.securememcached.operator.sasl;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The realms in the sasldb of a StatefulSet.
 *
 * <p>A memcached server looks a user up under its own host name, which in a StatefulSet is the
 * pod's name (memcached {@code sasl_defs.c}: {@code gethostname}). A client that logs in as {@code
 * user@REALM} is looked up under that realm instead, on every server.
 */
public final class Realms {

  /** Number of servers by which a resource may grow or shrink before the file is rewritten. */
  private static final int STEP = 8;

  /** As many servers as a resource can have, see the CRD. */
  public static final int MOST_SERVERS = 100;

  private Realms() {}

  /**
   * The fixed realm NAME, then the host names NAME-0 to NAME-(capacity - 1).
   *
   * @param name name of the StatefulSet
   * @param servers number of servers, requested or still existing, 0 or more
   */
  public static List<String> of(String name, int servers) {
    return exactly(name, capacity(servers));
  }

  /** The fixed realm NAME, then the host names of so many servers and no more. */
  public static List<String> exactly(String name, int servers) {
    return Stream.concat(
            Stream.of(name), IntStream.range(0, servers).mapToObj(ordinal -> name + "-" + ordinal))
        .toList();
  }

  /**
   * Number of servers in the file: a quarter and at least two more than existing, in steps of
   * {@value #STEP}, up to the maximum. So small steps of an autoscaler don't change the file.
   */
  static int capacity(int servers) {
    if (servers < 0) {
      throw new IllegalArgumentException("servers is negative: " + servers);
    }
    int wanted = servers + Math.max(2, servers / 4);
    return Math.max(servers, Math.min(MOST_SERVERS, Math.ceilDiv(wanted, STEP) * STEP));
  }
}
