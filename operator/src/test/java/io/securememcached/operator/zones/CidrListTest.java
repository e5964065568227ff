package io.securememcached.operator.zones;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrListTest {

  private static final String NO_NETWORK =
      "is no network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length";

  @Test
  void commentsAndBlankLinesAreAllowed() throws CidrListException {
    assertThat(
            CidrList.parse(
                "# offices\r\n10.0.4.0/24 # Berlin\r\n\r\n\t2001:DB8::/32\n10.0.4.7/32\n   #\n10.0.4.0/24"))
        .containsExactly("10.0.4.0/24", "10.0.4.7/32", "2001:db8::/32");
  }

  @Test
  void orderOfLinesIsNoChange() throws CidrListException {
    assertThat(CidrList.parse("10.2.0.0/16\n10.1.0.0/16"))
        .isEqualTo(CidrList.parse("10.1.0.0/16\n10.2.0.0/16"));
  }

  @Test
  void emptyListIsValid() throws CidrListException {
    assertThat(CidrList.parse("")).isEmpty();
    assertThat(CidrList.parse("# nobody\n\n")).isEmpty();
  }

  @Test
  void badLineIsNamedByItsNumber() {
    assertRefused("# offices\n\n10.0.4.0/24\n10.0.4.7\n", "line 4: '10.0.4.7' " + NO_NETWORK);
    assertRefused(
        "a b\n10.0.4.0/24\nx y\n", "line 1: 'a b' " + NO_NETWORK + "; also wrong: line 3");
    assertRefused(
        "a b\n".repeat(9),
        "line 1: 'a b' " + NO_NETWORK + "; also wrong: line 2, 3, 4, 5, 6 and 3 more");
  }

  @ParameterizedTest
  @CsvSource({
    "db.example.com",
    "db.example.com/32",
    "db",
    "db.example.com.",
    "xn--bcher-kva.example"
  })
  void hostNameIsRefusedWithTheWayOut(String name) {
    assertRefused(
        "10.0.4.0/24\n" + name,
        "line 2: '"
            + name
            + "' is a host name, and a NetworkPolicy knows addresses only; write its address, such as 10.0.4.7/32");
  }

  @Test
  void quotedLineIsShortAndPrintable() {
    assertRefused(
        "\u001b[2J" + "s3cret ".repeat(50),
        "line 1: '[2J" + "s3cret ".repeat(6) + "...' " + NO_NETWORK);
  }

  @Test
  void everybodyIsRefused() {
    for (String all : new String[] {"0.0.0.0/0", "::/0", "0.0.0.0/1\n128.0.0.0/1"}) {
      assertThatThrownBy(() -> CidrList.parse(all)).hasMessageContaining("is wider than /8");
    }
  }

  /** Each line is acceptable by itself. */
  @Test
  void largePartOfTheInternetInSmallPiecesIsRefused() throws CidrListException {
    assertThat(CidrList.parse("8.0.0.0/8\n8.8.0.0/16")).hasSize(2);
    assertRefused(
        "8.0.0.0/8\n9.9.9.9/32\n",
        "its networks together are wider than one /8 (IPv6: one /16) and allow a large part of the internet; name those that need the cache");
    assertRefused(
        IntStream.range(0, 256).mapToObj(i -> i + ".0.0.0/8").collect(Collectors.joining("\n")),
        "its networks together are wider than one /8 (IPv6: one /16) and allow a large part of the internet; name those that need the cache");
    assertRefused(
        "2001::/16\n2a00::/16",
        "its networks together are wider than one /8 (IPv6: one /16) and allow a large part of the internet; name those that need the cache");
  }

  @Test
  void privateNetworksTogetherAreAccepted() throws CidrListException {
    assertThat(
            CidrList.parse(
                "10.0.0.0/8\n172.16.0.0/12\n192.168.0.0/16\n100.64.0.0/10\nfc00::/7\n8.0.0.0/8\n2001::/16"))
        .hasSize(7);
  }

  @Test
  void tooManyAreRefusedWithTheWayOut() throws CidrListException {
    assertThat(CidrList.parse(lines(500))).hasSize(500);
    assertRefused(
        lines(501),
        "the list has 501 CIDRs, the limit is 500; join networks, or use several lists");
  }

  @Test
  void tooLargeListIsRefusedWithTheWayOut() throws CidrListException {
    assertThat(CidrList.parse("#".repeat(65_536))).isEmpty();
    assertRefused(
        "#".repeat(65_537), "the list exceeds 65536 bytes; shorten comments, or join networks");
    assertRefused(
        "#" + "\u00e9".repeat(32_768),
        "the list exceeds 65536 bytes; shorten comments, or join networks");
  }

  private static String lines(int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> "10.%d.%d.0/24".formatted(i / 256, i % 256))
        .collect(Collectors.joining("\n"));
  }

  private static void assertRefused(String list, String message) {
    assertThatThrownBy(() -> CidrList.parse(list))
        .isInstanceOf(CidrListException.class)
        .hasMessage(message);
  }
}
