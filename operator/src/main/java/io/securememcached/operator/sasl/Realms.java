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

  /** The file is written again once in so many servers that come or go one by one. */
  private static final int STEP = 8;

  /** As many servers as a resource can have, see the CRD. */
  public static final int MOST_SERVERS = 100;

  private Realms() {}

  /**
   * The fixed realm NAME, then the host names NAME-0 to NAME-(capacity - 1).
   *
   * @param name name of the StatefulSet
   * @param servers number of servers that are wanted or still there, 0 or more
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
   * For how many servers the file is written: a quarter more than there are and at least two more,
   * in steps of {@value #STEP}, and no more than there can be. So the file stays the same over
   * small steps of an autoscaler.
   */
  static int capacity(int servers) {
    if (servers < 0) {
      throw new IllegalArgumentException("servers is negative: " + servers);
    }
    int wanted = servers + Math.max(2, servers / 4);
    return Math.max(servers, Math.min(MOST_SERVERS, Math.ceilDiv(wanted, STEP) * STEP));
  }
}
