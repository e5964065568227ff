package io.securememcached.operator.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Timeouts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class TargetTest {

  @Test
  void otherPortsAreTheUsualOnesAndTheNeighbours() {
    assertThat(Target.otherPorts(11211)).containsExactly(11210, 11212, 11213, 11214, 11215);
    assertThat(Target.otherPorts(21211))
        .containsExactly(11210, 11211, 11212, 11213, 11214, 11215, 21210, 21212);
    assertThat(Target.otherPorts(1)).startsWith(2, 11210);
    assertThat(Target.otherPorts(65535)).endsWith(11215, 65534);
  }

  @Test
  void passwordDoesNotShow() {
    Target target =
        Target.at(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 11211),
            List.of(new PlainCredentials("sammy", "hunter2")),
            Distribution.CENTOS_7);
    assertThat(target.toString()).contains("sammy").doesNotContain("hunter2");
  }

  @Test
  void nameInPlaceOfAnAddressIsRefused() {
    InetSocketAddress name = InetSocketAddress.createUnresolved("example.invalid", 11211);
    assertThatThrownBy(() -> Target.at(name, List.of(), Distribution.UNKNOWN))
        .hasMessageStartingWith("the address is not resolved");
  }

  @Test
  void waitsHaveAnEnd() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new Limits(Timeouts.DEFAULT, second, Duration.ZERO))
        .hasMessageStartingWith("times must be positive");
    assertThatThrownBy(() -> new Limits(Timeouts.DEFAULT, second.negated(), second))
        .hasMessageStartingWith("times must be positive");
  }

  @Test
  void idsAreTheNamesInKebabCase() {
    assertThat(Arrays.stream(Check.values()).map(Check::id))
        .containsExactlyElementsOf(
            Arrays.stream(Check.values())
                .map(check -> check.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList());
  }
}
