package io.securememcached.operator.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.verify.FakeServer.Fault;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which checks a faulty server trips, and that no server can hold, fill or fool a run. */
@Timeout(60)
class ServerChecksTest {

  /** Nobody on loopback is that slow, even on a busy machine. */
  private static final Limits PATIENT =
      new Limits(
          new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10)),
          Duration.ofMillis(300),
          Duration.ofSeconds(30));

  /** For those who never answer. */
  private static final Limits HASTY =
      new Limits(
          new Timeouts(Duration.ofSeconds(10), Duration.ofMillis(300), Duration.ofSeconds(10)),
          Duration.ofMillis(100),
          Duration.ofSeconds(2));

  /** For those who answer and then keep the connection open. */
  private static final Limits SHORT =
      new Limits(PATIENT.connection(), PATIENT.quiet(), Duration.ofSeconds(2));

  /** The last millisecond of a machine under load is not what is tested here. */
  private static final Duration SLACK = Duration.ofSeconds(3);

  private static final String MATRIX =
      """
      NONE                       |                         |
      SERVES_STATISTICS_TO_ALL   | unauthenticated-refused |
      OFFERS_MORE_MECHANISMS     | mechanisms              |
      ACCEPTS_ANONYMOUS          | anonymous-refused       |
      ACCEPTS_UNKNOWN_USERS      | unknown-user-refused    |
      ACCEPTS_ANY_PASSWORD       | wrong-password-refused  | refused-login-stays-out login udp-off
      ACCEPTS_EVERYBODY          | anonymous-refused unknown-user-refused wrong-password-refused | refused-login-stays-out login udp-off
      SERVES_AFTER_REFUSED_LOGIN | refused-login-stays-out |
      REFUSES_ALL_LOGINS         | login                   | udp-off
      SPEAKS_TEXT                | text-protocol-refused   |
      ANSWERS_UDP                | udp-off                 |
      HAS_UDP_IN_ITS_SETTINGS    | udp-off                 |
      LISTENS_ON_ANOTHER_PORT    | no-other-port           |
      IS_AN_OLD_VERSION          | known-vulnerabilities        |
      TELLS_NO_VERSION           |                         | known-vulnerabilities
      TELLS_TOO_MUCH             | reachable               | EVERYTHING
      IS_FULL                    |                         | EVERYTHING
      IS_REACHED_WHERE_IT_MUST_NOT | policies-enforced     |
      TELLS_NO_SETTINGS          |                         | udp-off
      TELLS_WHAT_IT_WAS_TOLD     |                         |
      FLOODS_STATISTICS          |                         | udp-off
      HANGS                      |                         | EVERYTHING
      CLOSES_AT_ONCE             |                         | EVERYTHING
      FLOODS                     | reachable               | EVERYTHING
      SPEAKS_GARBAGE             | reachable               | EVERYTHING
      """;

  @ParameterizedTest(name = "{0} fails {1}")
  @CsvSource(delimiter = '|', textBlock = MATRIX)
  void faultTripsExactlyItsChecks(Fault fault, String failed, String unknown) throws Exception {
    try (FakeServer server = new FakeServer(fault)) {
      List<CheckResult> results =
          ServerChecks.run(
                  server.target(),
                  switch (fault) {
                    case HANGS -> HASTY;
                    case SPEAKS_GARBAGE -> SHORT;
                    default -> PATIENT;
                  })
              .checks();
      Outcomes.assertOutcomes(results, failed, unknown);
      assertThat(results.toString())
          .doesNotContain(FakeServer.SAMMY.password(), FakeServer.JAWS.password());
      assertThat(server.keys).isSubsetOf(ServerChecks.PROBE_KEY);
    }
  }

  @Test
  void everyCheckFailsOnOneOfThem() {
    assertThat(MATRIX.lines().map(line -> line.split("\\|")[1].strip()))
        .containsAll(Arrays.stream(Check.values()).map(Check::id).toList());
  }

  @Test
  void everyFaultIsInTheMatrix() {
    assertThat(MATRIX.lines().map(line -> line.split(" ")[0]))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Fault.values())
                .filter(fault -> fault != Fault.TRICKLES)
                .map(Fault::name)
                .toList());
  }

  @Test
  void evidenceSaysWhatWasSeen() throws Exception {
    try (FakeServer server = new FakeServer(Fault.NONE)) {
      String otherPort = server.target().otherPorts().getFirst().toString();
      assertThat(ServerChecks.run(server.target(), PATIENT).checks())
          .extracting(CheckResult::evidence)
          .containsExactly(
              "version 1.6.18",
              "NOOP 0x20, GET 0x20, SET 0x20, STAT 0x20",
              "PLAIN",
              "ANONYMOUS 0x20",
              "random user 0x20",
              "sammy 0x20",
              "GET 0x20",
              "sammy 0x00, jaws 0x00",
              "connection closed without a response",
              "UDP port closed; udpport 0 in the settings",
              "connection refused: " + otherPort,
              "1.6.18 (UNKNOWN): body length over 2 GiB (crash, no login needed),"
                  + " reference count overflow (code, login needed)",
              "no response: " + server.target().deniedPorts().getFirst());
    }
  }

  @Test
  void whatTheServerSaysIsShownShortAndPrintable() throws Exception {
    assertThat(evidence(Fault.TELLS_NO_VERSION, Check.REACHABLE))
        .isEqualTo("version " + "x".repeat(61));
    assertThat(evidence(Fault.TELLS_WHAT_IT_WAS_TOLD, Check.REACHABLE))
        .isEqualTo("version 1.6.18 ******");
    assertThat(evidence(Fault.SPEAKS_TEXT, Check.TEXT_PROTOCOL_REFUSED))
        .isEqualTo("response: VERSION 1.6.18 END");
  }

  @Test
  void sixConnectionsAreEnoughAndOneForEachLogin() throws Exception {
    try (FakeServer server = new FakeServer(Fault.NONE)) {
      ServerChecks.run(server.target(), PATIENT);
      assertThat(server.connections()).isEqualTo(6 + 2);
      assertThat(server.logins).hasSize(5);
    }
    for (Fault fault : Fault.values()) {
      try (FakeServer server = new FakeServer(fault)) {
        ServerChecks.run(server.target(), HASTY);
        assertThat(server.connections()).as("%s", fault).isLessThanOrEqualTo(6 + 2 + 1);
      }
    }
  }

  @Test
  void passwordIsNotSentToWhoTakesAny() throws Exception {
    try (FakeServer server = new FakeServer(Fault.ACCEPTS_ANY_PASSWORD)) {
      ServerChecks.run(server.target(), PATIENT);
      assertThat(server.logins)
          .hasSize(3)
          .noneMatch(login -> login.contains(FakeServer.SAMMY.password()));
    }
    // The search does find it where it was sent.
    try (FakeServer server = new FakeServer(Fault.NONE)) {
      ServerChecks.run(server.target(), PATIENT);
      assertThat(server.logins).anyMatch(login -> login.contains(FakeServer.SAMMY.password()));
    }
  }

  /** A status has 200 characters for the evidence. */
  @Test
  void rejectedLoginIsNamedHoweverManyAreAccepted() throws Exception {
    List<PlainCredentials> logins = new ArrayList<>(Collections.nCopies(16, FakeServer.SAMMY));
    logins.add(new PlainCredentials("locked-out", FakeServer.PROBE));
    try (FakeServer server = new FakeServer(Fault.NONE)) {
      assertThat(ServerChecks.run(server.target(logins), PATIENT).checks())
          .filteredOn(result -> result.check() == Check.LOGIN)
          .extracting(CheckResult::evidence)
          .containsExactly("locked-out 0x20");
    }
  }

  @Test
  void withoutLoginsTheirChecksAreUnknown() throws Exception {
    try (FakeServer server = new FakeServer(Fault.NONE)) {
      Outcomes.assertOutcomes(
          ServerChecks.run(server.target(List.of()), PATIENT).checks(),
          "",
          "wrong-password-refused refused-login-stays-out login udp-off");
    }
  }

  /** As where a policy drops what goes elsewhere than to the server's port. */
  @Test
  void droppedPacketsAreWaitedForBesideTheRest() throws Exception {
    try (FakeServer server = new FakeServer(Fault.NONE);
        DatagramSocket deaf = new DatagramSocket(server.target().address());
        ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket second = new Socket(full.getInetAddress(), full.getLocalPort())) {
      assertThat(List.of(first, second)).allMatch(Socket::isConnected);
      // Linux drops requests for a connection once the queue of a listener is full.
      Target target =
          new Target(
              server.target().address(),
              server.target().logins(),
              Distribution.DEBIAN_12,
              List.of(full.getLocalPort()),
              List.of(full.getLocalPort()));
      long start = System.nanoTime();
      List<CheckResult> results = ServerChecks.run(target, PATIENT).checks();
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(PATIENT.quiet(), PATIENT.quiet().plus(SLACK));
      Outcomes.assertOutcomes(results, "", "");
      assertThat(evidence(results, Check.UDP_OFF))
          .isEqualTo("no response over UDP within 300 ms; udpport 0 in the settings");
      assertThat(evidence(results, Check.NO_OTHER_PORT))
          .isEqualTo("no response: " + full.getLocalPort());
      assertThat(deaf.isBound()).isTrue();
    }
  }

  @Test
  void nobodyListens() throws Exception {
    InetSocketAddress address;
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = (InetSocketAddress) listener.getLocalSocketAddress();
    }
    Target target =
        new Target(address, List.of(FakeServer.SAMMY), Distribution.UNKNOWN, List.of(), List.of());
    List<CheckResult> results = ServerChecks.run(target, PATIENT).checks();
    Outcomes.assertOutcomes(results, "", Outcomes.EVERYTHING);
    assertThat(evidence(results, Check.REACHABLE)).endsWith("connect: connection refused");
    assertThat(evidence(results, Check.LOGIN)).isEqualTo("not run");
  }

  @Test
  void tricklingServerIsLeftAtTheEndOfTheRun() throws Exception {
    Duration total = Duration.ofSeconds(1);
    Limits limits = new Limits(PATIENT.connection(), PATIENT.quiet(), total);
    try (FakeServer server = new FakeServer(Fault.TRICKLES)) {
      long start = System.nanoTime();
      List<CheckResult> results = ServerChecks.run(server.target(), limits).checks();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(total, total.plus(SLACK));
      Outcomes.assertOutcomes(results, "", Outcomes.EVERYTHING);
      assertThat(evidence(results, Check.REACHABLE)).endsWith("VERSION: overall deadline exceeded");
    }
  }

  @Test
  void interruptedRunEndsAndStaysInterrupted() throws Exception {
    try (FakeServer server = new FakeServer(Fault.NONE)) {
      Thread.currentThread().interrupt();
      List<CheckResult> results = ServerChecks.run(server.target(), PATIENT).checks();
      assertThat(Thread.interrupted()).isTrue();
      // The first connection may be there at once.
      assertThat(results)
          .filteredOn(result -> result.outcome() == Outcome.PASSED)
          .extracting(CheckResult::check)
          .isSubsetOf(Check.REACHABLE, Check.MECHANISMS, Check.KNOWN_VULNERABILITIES);
      assertThat(results).extracting(CheckResult::outcome).doesNotContain(Outcome.FAILED);
    }
  }

  private static String evidence(Fault fault, Check check) throws Exception {
    try (FakeServer server = new FakeServer(fault)) {
      return evidence(ServerChecks.run(server.target(), PATIENT).checks(), check);
    }
  }

  private static String evidence(List<CheckResult> results, Check check) {
    return results.get(check.ordinal()).evidence();
  }
}
