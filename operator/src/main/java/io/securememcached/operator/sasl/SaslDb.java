package io.securememcached.operator.sasl;

import static java.util.Comparator.comparing;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * The file that Cyrus SASL 2.1 calls sasldb: a Berkeley DB hash file of version 9, as libdb 5.3
 * makes it on CentOS 7 and on Debian 12.
 */
public final class SaslDb {

  private static final Comparator<SaslEntry> BY_KEY =
      comparing(SaslEntry::key, Arrays::compareUnsigned);

  private SaslDb() {}

  /**
   * Writes a sasldb. The bytes depend on the set of entries alone, not on order, time or place: so
   * that equal contents are equal files, and nothing is written to the cluster for them.
   *
   * @param entries may be empty: then nobody can log in
   * @throws IllegalArgumentException if one user has two passwords in one realm
   */
  public static byte[] write(Collection<SaslEntry> entries) {
    return HashWriter.write(pairs(entries));
  }

  /** Whether a file with these entries is at most so many bytes long. */
  public static boolean fits(Collection<SaslEntry> entries, int bytes) {
    List<HashFormat.Pair> pairs = pairs(entries);
    return HashWriter.longest(pairs) <= bytes || HashWriter.write(pairs).length <= bytes;
  }

  static List<HashFormat.Pair> pairs(Collection<SaslEntry> entries) {
    TreeMap<SaslEntry, SaslEntry> sorted = new TreeMap<>(BY_KEY);
    for (SaslEntry entry : entries) {
      SaslEntry present = sorted.computeIfAbsent(entry, e -> e);
      if (!present.equals(entry)) {
        throw new IllegalArgumentException(
            "user '%s' has two passwords in realm '%s'".formatted(entry.user(), entry.realm()));
      }
    }
    return sorted.values().stream().map(e -> new HashFormat.Pair(e.key(), e.value())).toList();
  }

  /**
   * Reads a sasldb, be it from {@link #write} or from saslpasswd2, and returns its entries sorted
   * by key. Properties other than userPassword, which saslpasswd2 can store too, are left out.
   *
   * @throws SaslDbFormatException if the file is damaged, or of a kind neither of them writes
   */
  public static List<SaslEntry> read(byte[] file) {
    return new HashReader(file)
        .read().stream().flatMap(item -> item.toEntry().stream()).sorted(BY_KEY).toList();
  }
}
