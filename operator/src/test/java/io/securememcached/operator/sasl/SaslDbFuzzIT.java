package io.securememcached.operator.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random users, realms and passwords, ours against Cyrus SASL's and Berkeley DB's own programs. The
 * name of a test is its seed.
 */
class SaslDbFuzzIT {

  private static final int RUNS = 25;

  /** What a name may hold, of one to four bytes in UTF-8. */
  private static final String NAME = "abcxyz0189-._+=:/\\'\"$%&*?ßé漢字😀";

  /** What a password may hold: these, blanks, and all of ASCII but NUL. */
  private static final String BLANK = " \t\u00a0";

  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> theirToolsReadWhatWeWrite() {
    return seeds()
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "seed " + seed,
                    () ->
                        SaslDbToolsIT.assertTheirToolsRead(
                            directory, entries(new Random(seed), 120, true))));
  }

  @TestFactory
  Stream<DynamicTest> weReadWhatTheirToolsWrite() {
    return seeds()
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "seed " + seed,
                    () -> {
                      Path file = directory.resolve("theirs-" + seed);
                      List<SaslEntry> entries = entries(new Random(seed), 6, false);
                      for (SaslEntry entry : entries) {
                        SaslDbToolsIT.setPassword(file, entry, "-c");
                      }
                      assertThat(SaslDb.read(Files.readAllBytes(file)))
                          .containsExactlyInAnyOrderElementsOf(entries);
                    }));
  }

  private static LongStream seeds() {
    return new Random().longs(RUNS);
  }

  /**
   * Entries, at least one.
   *
   * @param anyByte false for what a password may hold that is typed in a line
   */
  private static List<SaslEntry> entries(Random random, int most, boolean anyByte) {
    TreeMap<String, SaslEntry> entries = new TreeMap<>();
    int count = 1 + random.nextInt(most);
    while (entries.size() < count) {
      SaslEntry entry =
          new SaslEntry(
              text(random, NAME, 1 + random.nextInt(30)),
              text(random, NAME, 1 + random.nextInt(60)),
              password(random, anyByte));
      entries.put(entry.user() + "@" + entry.realm(), entry);
    }
    return List.copyOf(entries.values());
  }

  private static String password(Random random, boolean anyByte) {
    StringBuilder alphabet = new StringBuilder(NAME + BLANK);
    if (anyByte) {
      for (char c = 1; c < 128; c++) {
        alphabet.append(c);
      }
    }
    // Short ones most of the time, so that pages fill in many ways.
    int length = random.nextInt(4) == 0 ? 1 + random.nextInt(250) : 1 + random.nextInt(20);
    return text(random, alphabet.toString(), length);
  }

  private static String text(Random random, String alphabet, int length) {
    int[] codePoints = alphabet.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(codePoints[random.nextInt(codePoints.length)]);
    }
    return text.toString();
  }
}
