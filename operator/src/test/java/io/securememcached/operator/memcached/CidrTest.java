package io.securememcached.operator.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

  @Test
  void formIsCanonical() {
    assertThat(Cidr.parse("FD00:0:0::/64").map(Cidr::toString)).contains("fd00::/64");
    assertThat(Cidr.parse("10.0.4.0/24").map(Cidr::toString)).contains("10.0.4.0/24");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10.0.4.0", "10.0.4.7/24", "10.0.4.0/33", "shop.example/24", "fd00::/129"})
  void otherTextIsNone(String text) {
    assertThat(Cidr.parse(text)).isEmpty();
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
    return Cidr.parse(text).orElseThrow();
  }

  private static List<Cidr> networks(String... texts) {
    return Arrays.stream(texts).map(Cidr::parse).flatMap(Optional::stream).toList();
  }
}
