package io.securememcached.operator.sasl;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SaslDbTest {

  private static final SaslEntry SAMMY_0 = new SaslEntry("sammy", "pod-0", "secret");
  private static final SaslEntry SAMMY_1 = new SaslEntry("sammy", "pod-1", "hunter2");

  /** Rows that are not all zero. {@code SaslDbToolsIT} compares such a file with saslpasswd2's. */
  private static final String GOLDEN =
      """
      0000: 00000000010000000000000061150600
      0010: 09000000000200000008000000000000
      0020: 02000000000000000000000000000000
      0030: 00000000817e002bba71002b144366fc
      0040: 50a4829227cd75340100000001000000
      0050: 000000000000000002000000d18d685e
      0060: 01000000010000000000000000000000
      0200: 00000000010000000100000000000000
      0210: 000000000200df01000de701df010000
      03d0: 00000000000000000000000000000001
      03e0: 68756e746572320173616d6d7900706f
      03f0: 642d31007573657250617373776f7264
      0400: 00000000010000000200000000000000
      0410: 000000000200e001000de701e0010000
      05e0: 017365637265740173616d6d7900706f
      05f0: 642d30007573657250617373776f7264
      """;

  @Test
  void goldenBytes() {
    assertThat(rows(SaslDb.write(List.of(SAMMY_0, SAMMY_1)))).isEqualTo(GOLDEN);
  }

  @Test
  void orderAndRepetitionChangeNothing() {
    byte[] file = SaslDb.write(List.of(SAMMY_0, SAMMY_1));
    assertThat(SaslDb.write(List.of(SAMMY_1, SAMMY_0, SAMMY_1))).isEqualTo(file);
    assertThat(SaslDb.write(List.of(SAMMY_0))).isNotEqualTo(file);
  }

  @Test
  void readsWhatItWrote() {
    assertThat(SaslDb.read(SaslDb.write(List.of(SAMMY_1, SAMMY_0))))
        .containsExactly(SAMMY_0, SAMMY_1);
    assertThat(SaslDb.read(SaslDb.write(List.of()))).isEmpty();
  }

  /** The most servers and users of a custom resource, with the longest names. */
  @Test
  void largestCustomResourceFitsIntoSecret() {
    List<SaslEntry> entries =
        IntStream.range(0, 17)
            .mapToObj(i -> "%032d".formatted(i))
            .flatMap(
                user ->
                    Realms.of("n".repeat(50), 100).stream()
                        .map(realm -> new SaslEntry(user, realm, "p".repeat(Passwords.LENGTH))))
            .toList();
    assertThat(SaslDb.write(entries)).hasSizeLessThan(900 * 1024);
  }

  @Test
  void twoPasswordsForOneLogin() {
    assertThatThrownBy(
            () -> SaslDb.write(List.of(SAMMY_0, new SaslEntry("sammy", "pod-0", "other"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("user 'sammy' has two passwords in realm 'pod-0'");
  }

  @Test
  void refusedEntries() {
    assertRefused("", "r", "p", "the user is empty");
    assertRefused("u", "", "p", "the realm is empty");
    String meaning = "; SASL does not allow '@', blanks and control characters";
    assertRefused("u@r", "r", "p", "the user contains U+0040" + meaning);
    assertRefused("u", "a b", "p", "the realm contains U+0020" + meaning);
    assertRefused("u\0", "r", "p", "the user contains U+0000" + meaning);
    assertRefused("u\u00a0", "r", "p", "the user contains U+00A0" + meaning);
    assertRefused("u\ud800", "r", "p", "the user cannot be written as UTF-8");
    String of = "the password of user 'u' in realm 'r' ";
    assertRefused("u", "r", "", of + "is empty");
    assertRefused("u", "r", "p\0", of + "contains a NUL, which terminates it in SASL PLAIN");
    assertRefused("u", "r", "\udc00", of + "cannot be written as UTF-8");
    assertRefused("u", "r", "ü".repeat(513), of + "is 1026 bytes long, the limit is 1024");
    assertRefused(
        "u".repeat(1000),
        "r".repeat(11),
        "p",
        "user and realm make a key of 1025 bytes, the limit is 1024");
  }

  @Test
  void passwordIsInNoText() {
    assertThat(SAMMY_0).hasToString("SaslEntry[user=sammy, realm=pod-0]");
  }

  @Test
  void damageIsNamed() {
    assertDamage(12, 0, "magic at offset 12: 0x0 instead of 0x61561");
    assertDamage(12, 0x61150600, "magic at offset 12: the file is big-endian");
    assertDamage(16, 8, "version at offset 16: 0x8 instead of 0x9");
    assertDamage(20, 1024, "page size at offset 20: 1024 in a file of 1536 bytes");
    assertDamage(32, 3, "last page at offset 32: 0x3 instead of 0x2");
    assertDamage(72, 2, "max_bucket at offset 72: 2 with last page 2");
    assertDamage(76, 3, "high_mask at offset 76: 0x3 instead of 0x1");
    assertDamage(92, 0, "h_charkey at offset 92: 0x0 instead of 0x5e688dd1");
    assertDamage(100, 9, "page of bucket 1 at offset 100: 10 of 2");
    assertDamage(100, 0, "page of bucket 1 at offset 100: 1 is in use already");
    assertDamage(512 + 8, 2, "page number at offset 520: 2 instead of 1");
    assertDamage(512 + 16, 2, "previous page at offset 1036: 0 instead of 1");
    assertDamage(512 + 20, 3, "number of items at offset 532: 3");
    assertDamage(512 + 24, 7 << 8, "page type at offset 537: 7 is not a hash page");
    assertDamage(512 + 26, 506 << 16 | 487, "item offset at offset 540: 506 is outside");
    assertDamage(1020, 0x65, "key at offset 999: does not hash to bucket 0");
    assertDamage(
        512 + 484, 3 << 24, "item type at offset 999: 3; only items that lie on their page");
  }

  @Test
  void endedFile() {
    byte[] file = SaslDb.write(List.of(SAMMY_0));
    assertThatThrownBy(() -> SaslDb.read(new byte[0]))
        .hasMessageEndingWith("metadata page at offset 0: the file ends before byte 512");
    assertThatThrownBy(() -> SaslDb.read(Arrays.copyOf(file, 1024)))
        .hasMessageEndingWith("last page at offset 32: 0x2 instead of 0x1");
    assertThatThrownBy(() -> SaslDb.read(Arrays.copyOf(file, 1100)))
        .hasMessageEndingWith("page size at offset 20: 512 in a file of 1100 bytes");
  }

  private static void assertRefused(String user, String realm, String password, String message) {
    assertThatThrownBy(() -> new SaslEntry(user, realm, password))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static void assertDamage(int offset, int value, String message) {
    byte[] file = SaslDb.write(List.of(SAMMY_0, SAMMY_1));
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
    assertThatThrownBy(() -> SaslDb.read(file))
        .isInstanceOf(SaslDbFormatException.class)
        .hasMessageStartingWith("Damaged or foreign sasldb: " + message);
  }

  private static String rows(byte[] file) {
    return IntStream.range(0, file.length / 16)
        .filter(row -> !Arrays.equals(new byte[16], slice(file, row)))
        .mapToObj(
            row -> "%04x: %s%n".formatted(row * 16, HexFormat.of().formatHex(slice(file, row))))
        .collect(joining());
  }

  private static byte[] slice(byte[] file, int row) {
    return Arrays.copyOfRange(file, row * 16, row * 16 + 16);
  }
}
