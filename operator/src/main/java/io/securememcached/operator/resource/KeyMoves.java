package io.securememcached.operator.resource;

/**
 * What a change of the number of servers does to keys. Servers share nothing: clients choose one by
 * the hash of the key, and nobody copies entries. docs/scaling.md has more.
 */
public final class KeyMoves {

  private static final String CLIENTS =
      "Clients must read keys servers and uri of their Secret again; those that use key host are not affected.";

  private KeyMoves() {}

  /**
   * For users, as sentences.
   *
   * @param from number of servers before
   * @param to number of servers after, not the same
   */
  public static String of(int from, int to) {
    String start =
        "Scaling %s from %d to %d servers: ".formatted(from < to ? "out" : "in", from, to);
    if (to == 0) {
      return start + "all caches are lost. Logins and policies are kept.";
    }
    if (from == 0) {
      return start + "they start with empty caches.";
    }
    if (from < to) {
      return start
          + "clients with consistent hashing look for about %d%% of their keys on the added %s, and miss them once; with other hashing they miss more. %s"
              .formatted(share(to - from, to), to - from == 1 ? "server" : "servers", CLIENTS);
    }
    return start
        + "%s, with about %d%% of the keys of clients with consistent hashing. %s Entries on the other servers from before an earlier scaling out are found again, and may be outdated."
            .formatted(
                from - to == 1
                    ? "the removed server's cache is lost"
                    : "the removed servers' caches are lost",
                share(from - to, from),
                CLIENTS);
  }

  /** In percent, rounded: each server has the same number of keys. */
  private static long share(int some, int all) {
    return Math.round(100.0 * some / all);
  }
}
