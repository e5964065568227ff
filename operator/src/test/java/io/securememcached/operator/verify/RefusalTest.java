package io.securememcached.operator.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** VerificationE2E has the filter that refuses with ICMP. */
class RefusalTest {

  private static final Duration LONG = Duration.ofSeconds(10);

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void portWithoutListenerIsRefusedByItsHost(String host) throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 0, InetAddress.getByName(host))) {
      port = closed.getLocalPort();
    }
    assertThat(Refusal.of(new InetSocketAddress(host, port), LONG)).isEqualTo(Refusal.BY_SERVER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void connectionThatIsTakenGotThere(String host) throws IOException {
    try (ServerSocket open = new ServerSocket(0, 0, InetAddress.getByName(host))) {
      assertThat(Refusal.of((InetSocketAddress) open.getLocalSocketAddress(), LONG))
          .isEqualTo(Refusal.BY_SERVER);
    }
  }

  /** TCP goes to no group of hosts: nothing is sent. */
  @Test
  void noWayFromHereTellsNothing() {
    assertThat(Refusal.of(new InetSocketAddress("224.0.0.1", 9), LONG)).isEqualTo(Refusal.UNTOLD);
  }

  /** A full queue: Linux holds one connection more than asked for, and drops the next. */
  @Test
  void silenceTellsNothing() throws IOException {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket second = new Socket(full.getInetAddress(), full.getLocalPort())) {
      assertThat(first.isConnected() && second.isConnected()).isTrue();
      InetSocketAddress address = (InetSocketAddress) full.getLocalSocketAddress();
      assertThat(Refusal.of(address, Duration.ofMillis(50))).isEqualTo(Refusal.UNTOLD);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, 5.8.0, true",
    "Linux, 6.18.44-fc-v657, true",
    "Linux, 5.7.19, false",
    "Linux, 4.18.0-553.el8, false",
    "Linux, 3.10.0-1160.el7, false",
    "Linux, unreadable, false",
    "Mac OS X, 14.5, false",
    "Windows 11, 10.0, false"
  })
  void onlyNewLinuxTells(String system, String release, boolean told) {
    assertThat(Refusal.isTold(system, release)).isEqualTo(told);
  }
}
