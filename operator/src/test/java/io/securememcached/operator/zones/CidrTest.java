package io.securememcached.operator.zones;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules are those of the CRD, whose cases are in crd/refused/sources.yaml. */
class CidrTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.4.7/32, 10.0.4.7/32",
    "10.0.0.0/8, 10.0.0.0/8",
    "0.0.0.0/8, 0.0.0.0/8",
    "255.255.255.255/32, 255.255.255.255/32",
    "2001:db8::/32, 2001:db8::/32",
    "2001:DB8:0:0:1:0:0:1/128, 2001:db8::1:0:0:1/128",
    "2001:0db8:0000:0001:0001:0001:0001:0001/128, 2001:db8:0:1:1:1:1:1/128",
    "2001:db8:0:0:1:0:0:0/80, 2001:db8:0:0:1::/80",
    "1:0:2:0:3:0:4:0/112, 1:0:2:0:3:0:4:0/112",
    "::1/128, ::1/128",
    "::/16, ::/16",
    "fd00::/8, fd00::/8",
    "fc00::/7, fc00::/7"
  })
  void isWrittenInOneWay(String text, String canonical) {
    assertThat(Cidr.parse(text)).hasToString(canonical);
    assertThat(Cidr.parse(canonical)).isEqualTo(Cidr.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.4.7",
        "10.0.4.7/24",
        "10.0.4.0/33",
        "10.0.4/24",
        "10.0.4.0.0/24",
        "10.0.256.0/24",
        "010.0.4.0/24",
        "10.0.4.0/024",
        "10.0.4.0/255.255.255.0",
        "10.0.4.0/24,10.0.5.0/24",
        "10.0.4.0/24 10.0.5.0/24",
        "10.0.4.0/-1",
        "10.0.4.0/99999999999",
        "10.0.4.0/",
        "/24",
        "0x0a.0.0.0/24",
        "0.0.0.0/00",
        "::ffff:10.0.4.7/128",
        "::ffff:a00:407/128",
        "::ffff:0:0/96",
        "fd00::1/64",
        "fd00::/129",
        "fe80::%eth0/64",
        "fd00:::/64",
        "fd00::1::/64",
        "1:2:3:4:5:6:7/112",
        "12345::/32",
        "\u0661\u0660.0.0.0/24"
      })
  void otherTextIsNoNetwork(String text) {
    assertThatThrownBy(() -> Cidr.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "is no network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "8000::/1",
        "10.0.0.0/7",
        "2000::/3",
        "2000::/15",
        "fe00::/8",
        "fc00::/8"
      })
  void wideNetworkIsRefused(String text) {
    assertThatThrownBy(() -> Cidr.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("is wider than /8");
  }

  @Test
  void sortedWithoutThoseThatOthersContain() {
    assertThat(
            Cidr.canonical(
                networks(
                    "fd00::/64",
                    "10.0.4.7/32",
                    "10.0.10.0/24",
                    "10.0.4.0/24",
                    "10.0.4.0/24",
                    "9.0.0.0/8")))
        .extracting(Cidr::toString)
        .containsExactly("9.0.0.0/8", "10.0.4.0/24", "10.0.10.0/24", "fd00::/64");
  }

  @Test
  void intersectionHasTheNarrowerOnes() {
    assertThat(
            Cidr.intersection(
                networks("10.0.0.0/8", "192.168.1.0/24"),
                networks("10.0.4.0/24", "192.168.0.0/16", "172.16.0.0/12")))
        .extracting(Cidr::toString)
        .containsExactly("10.0.4.0/24", "192.168.1.0/24");
    assertThat(Cidr.intersection(networks("10.0.4.0/24"), networks("10.0.5.0/24"))).isEmpty();
  }

  @Test
  void familiesAreDistinct() {
    assertThat(network("::/16").contains("10.0.0.1")).isFalse();
    assertThat(network("10.0.0.0/8").contains("10.255.0.1")).isTrue();
    assertThat(network("10.0.0.0/8").contains("lb.example")).isFalse();
  }

  private static Cidr network(String text) {
    return Cidr.read(text).orElseThrow();
  }

  private static List<Cidr> networks(String... texts) {
    return Arrays.stream(texts).map(Cidr::read).flatMap(Optional::stream).toList();
  }
}
