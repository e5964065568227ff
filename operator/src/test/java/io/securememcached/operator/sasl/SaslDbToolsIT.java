package io.securememcached.operator.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Berkeley DB and Cyrus SASL read what is written here, and the other way round. */
class SaslDbToolsIT {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 10, 100, 1000, 5000})
  void theirToolsReadOurFile(int count) throws Exception {
    assertTheirToolsRead(entries(count, "password-"));
  }

  /**
   * A password of this length leaves room for three a page, so that buckets go on in chains. Each
   * is the longest for its size of pages.
   */
  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512, SaslEntry.MAX_ITEM_BYTES})
  void theirToolsReadOurChains(int longest) throws Exception {
    List<SaslEntry> entries = entries(200, "p".repeat(longest - 3));
    assertThat(pageSize(SaslDb.write(entries))).isEqualTo(4 * longest);
    assertTheirToolsRead(entries);
  }

  @Test
  void theirToolsReadTheLongestEntries() throws Exception {
    int most = SaslEntry.MAX_ITEM_BYTES - "\0\0userPassword".length() - 1;
    assertTheirToolsRead(
        List.of(
            new SaslEntry("u", "r".repeat(most), "p".repeat(SaslEntry.MAX_ITEM_BYTES)),
            new SaslEntry("u".repeat(most), "r", "ü".repeat(SaslEntry.MAX_ITEM_BYTES / 2))));
  }

  /**
   * All but the file id and the free space, in which libdb leaves what was there before. Its pages
   * are as long as the file system's blocks.
   */
  @Test
  void sameBytesAsTheirs() throws Exception {
    List<SaslEntry> entries =
        List.of(
            new SaslEntry("sammy", "pod-0", "secret"), new SaslEntry("sammy", "pod-1", "hunter2"));
    Path file = directory.resolve("sasldb2");
    for (SaslEntry entry : entries) {
      setPassword(file, entry, "-c");
    }
    byte[] theirs = Files.readAllBytes(file);
    assertThat(withoutChance(HashWriter.write(SaslDb.pairs(entries), pageSize(theirs))))
        .isEqualTo(withoutChance(theirs));
  }

  @Test
  void weReadTheirFile() throws Exception {
    Path file = directory.resolve("sasldb2");
    List<SaslEntry> entries = entries(60, "their password ");
    for (SaslEntry entry : entries) {
      setPassword(file, entry, "-c");
    }
    SaslEntry gone = entries.getFirst();
    Tools.sasl("", "saslpasswd2", "-d", "-f", file.toString(), "-u", gone.realm(), gone.user());

    assertThat(SaslDb.read(Files.readAllBytes(file)))
        .containsExactlyInAnyOrderElementsOf(entries.subList(1, entries.size()));
  }

  @Test
  void theyGoOnWritingOurFile() throws Exception {
    List<SaslEntry> entries = entries(300, "password-");
    Path file = directory.resolve("sasldb2");
    Files.write(file, SaslDb.write(entries.subList(0, 100)));
    for (SaslEntry entry : entries.subList(100, 300)) {
      setPassword(file, entry, "-c");
    }
    Tools.db("verify", file.toString());
    assertThat(SaslDb.read(Files.readAllBytes(file))).containsExactlyInAnyOrderElementsOf(entries);
  }

  private void assertTheirToolsRead(List<SaslEntry> entries) throws Exception {
    assertTheirToolsRead(directory, entries);
  }

  static void assertTheirToolsRead(Path directory, List<SaslEntry> entries) throws Exception {
    Path path = Files.write(directory.resolve("sasldb2"), SaslDb.write(entries));
    String file = path.toString();
    // Of items out of order it only prints keys, and then says "succeeded" all the same.
    assertThat(Tools.db("verify", file)).matches("(BDB5105 )?Verification of .* succeeded\\.\n");
    Map<String, String> expected = new TreeMap<>();
    entries.forEach(e -> expected.put(new String(e.key(), UTF_8), e.password()));
    assertThat(dump(file)).isEqualTo(expected);
    assertThat(Tools.sasl("", "sasldblistusers2", "-f", file).lines())
        .containsExactlyInAnyOrderElementsOf(
            entries.stream().map(e -> e.user() + "@" + e.realm() + ": userPassword").toList());
    assertThat(Files.readAllBytes(path))
        .as("the tools changed nothing")
        .isEqualTo(SaslDb.write(entries));
  }

  static int pageSize(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(HashFormat.META_PAGE_SIZE);
  }

  private static byte[] withoutChance(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(HashFormat.META_FILE_ID, new byte[HashFormat.FILE_ID_LENGTH]);
    int pageSize = pageSize(file);
    for (int page = pageSize; page < file.length; page += pageSize) {
      int tableEnd =
          page + HashFormat.ITEM_TABLE + Short.BYTES * bytes.getShort(page + HashFormat.ENTRIES);
      Arrays.fill(file, tableEnd, page + bytes.getShort(page + HashFormat.FREE_END), (byte) 0);
    }
    return file;
  }

  /** Keys and values as Berkeley DB finds them: after the header, a line of hex digits for each. */
  private static Map<String, String> dump(String file) throws Exception {
    List<String> lines = new ArrayList<>(Tools.db("dump", file).lines().toList());
    List<String> items =
        lines.subList(lines.indexOf("HEADER=END") + 1, lines.indexOf("DATA=END")).stream()
            .map(line -> new String(HexFormat.of().parseHex(line.strip()), UTF_8))
            .toList();
    Map<String, String> pairs = new TreeMap<>();
    for (int i = 0; i < items.size(); i += 2) {
      pairs.put(items.get(i), items.get(i + 1));
    }
    return pairs;
  }

  static void setPassword(Path file, SaslEntry entry, String flag) throws Exception {
    Tools.sasl(
        entry.password(),
        "saslpasswd2",
        "-p",
        flag,
        "-f",
        file.toString(),
        "-u",
        entry.realm(),
        "--",
        entry.user());
  }

  private static List<SaslEntry> entries(int count, String password) {
    return IntStream.range(0, count)
        .mapToObj(i -> new SaslEntry("user" + i % 3, "sessions-" + i / 3, password + i % 10_000))
        .toList();
  }
}
