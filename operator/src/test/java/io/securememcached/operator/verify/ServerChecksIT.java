package io.securememcached.operator.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Debian's memcached trips when somebody leaves out a part of the hardening. */
class ServerChecksIT {

  private static final PlainCredentials SAMMY = new PlainCredentials("sammy@fixed", "hunter2");
  private static final PlainCredentials JAWS = new PlainCredentials("jaws@fixed", "hunter3");

  /** Nobody on loopback is that slow, even on a busy machine. */
  private static final Timeouts PATIENT =
      new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10));

  private static final Limits LIMITS =
      new Limits(PATIENT, Duration.ofMillis(300), Duration.ofSeconds(30));

  /**
   * For a server with ASCII login: it waits for the end of a line, which a binary request lacks.
   */
  private static final Limits SHORT =
      new Limits(
          new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(10)),
          Duration.ofMillis(300),
          Duration.ofSeconds(30));

  /** Where nothing but the denied port is silent. */
  private static final Limits QUICK =
      new Limits(PATIENT, Duration.ofMillis(20), Duration.ofSeconds(30));

  private static final String WITHOUT_SASL =
      "anonymous-refused unknown-user-refused wrong-password-refused refused-login-stays-out login";

  @TempDir Path directory;

  enum SetUp {
    AS_THE_OPERATOR_DOES,
    NO_SASL_CONFIGURATION,
    ANONYMOUS_IN_MECH_LIST,
    MORE_MECHANISMS,
    NO_SASLDB,
    PASSWORD_FILE_INSTEAD,
    NO_SASL,
    NO_SASL_AND_UDP,
    SECOND_PORT
  }

  @ParameterizedTest(name = "{0} fails {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          AS_THE_OPERATOR_DOES   |                                                          |
          NO_SASL_CONFIGURATION  | mechanisms anonymous-refused login                       | udp-off
          ANONYMOUS_IN_MECH_LIST | mechanisms anonymous-refused                             |
          MORE_MECHANISMS        | mechanisms                                               |
          NO_SASLDB              | login                                                    | udp-off
          PASSWORD_FILE_INSTEAD  | text-protocol-refused                                    | EVERYTHING
          NO_SASL                | unauthenticated-refused mechanisms text-protocol-refused | WITHOUT_SASL
          NO_SASL_AND_UDP        | unauthenticated-refused mechanisms text-protocol-refused udp-off | WITHOUT_SASL
          SECOND_PORT            | no-other-port                                            |
          """)
  void carelessSetUpTripsExactlyItsChecks(SetUp setUp, String failed, String unknown)
      throws Exception {
    try (RealMemcached server = start(setUp);
        Socket silent = new Socket();
        SilentPort denied = new SilentPort()) {
      List<CheckResult> results =
          ServerChecks.run(
                  target(server, silent, denied),
                  setUp == SetUp.PASSWORD_FILE_INSTEAD ? SHORT : LIMITS)
              .checks();
      Outcomes.assertOutcomes(
          results, failed, "WITHOUT_SASL".equals(unknown) ? WITHOUT_SASL : unknown);
      assertThat(results.toString()).doesNotContain(SAMMY.password(), JAWS.password());
    }
  }

  @Test
  void twoHundredRunsRaiseNoFalseAlarmAndLeaveNothingBehind() throws Exception {
    int runs = 200;
    List<Future<List<CheckResult>>> all = new ArrayList<>();
    try (RealMemcached server = start(SetUp.AS_THE_OPERATOR_DOES);
        Socket silent = new Socket();
        SilentPort denied = new SilentPort();
        MemcachedClient client = server.connect()) {
      Target target = target(server, silent, denied);
      try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
        for (int i = 0; i < runs; i++) {
          all.add(executor.submit(() -> ServerChecks.run(target, QUICK).checks()));
        }
      }
      for (Future<List<CheckResult>> run : all) {
        assertThat(run.get())
            .extracting(CheckResult::outcome)
            .as("%s", run.get())
            .containsOnly(Outcome.PASSED);
      }
      assertThat(client.authenticate(SAMMY).ok()).isTrue();
      assertThat(client.statistics().values())
          .containsEntry("total_items", Quoted.of("0"))
          .containsEntry("cmd_set", Quoted.of("0"))
          .containsEntry("auth_errors", Quoted.of(String.valueOf(3 * runs)))
          .containsEntry("auth_cmds", Quoted.of(String.valueOf(5 * runs + 1)));
      assertThat(Integer.parseInt(client.statistics().values().get("total_connections").text()))
          .isBetween(8 * runs, 8 * runs + 5);
    }
  }

  /** Else the second and third refusal of a run would tell nothing. */
  @Test
  void refusedLoginDoesNotMakeTheNextOneRefused() throws Exception {
    try (RealMemcached server = start(SetUp.AS_THE_OPERATOR_DOES);
        MemcachedClient client = server.connect()) {
      PlainCredentials wrong = new PlainCredentials(SAMMY.user(), "wrong");
      assertThat(client.authenticateAnonymously("probe").status()).isEqualTo(Status.AUTH_ERROR);
      assertThat(client.authenticate(wrong).status()).isEqualTo(Status.AUTH_ERROR);
      assertThat(client.authenticate(SAMMY).status()).isEqualTo(Status.SUCCESS);
      assertThat(client.noop().ok()).isTrue();
    }
  }

  /** Nothing here stops what no policy lets in. */
  @Test
  void serverOnIpv6IsCheckedAlike() throws Exception {
    try (RealMemcached server = start("plain", true, List.of("-U", "0", "-S", "-l", "::1"));
        Socket silent = new Socket();
        SilentPort denied = new SilentPort()) {
      assertThat(server.address().getAddress().getHostAddress()).contains(":");
      Outcomes.assertOutcomes(
          ServerChecks.run(target(server, silent, denied), QUICK).checks(),
          "policies-enforced",
          "");
    }
  }

  /** Debian's memcached with no more than its threads and the operator need. */
  @Test
  void fullServerIsNotTakenForAnOpenOne() throws Exception {
    try (RealMemcached server =
            start("plain", true, List.of("-U", "0", "-S", "-l", "127.0.0.1", "-c", "21"));
        Socket silent = new Socket();
        SilentPort denied = new SilentPort()) {
      Target target = target(server, silent, denied);
      Outcomes.assertOutcomes(ServerChecks.run(target, QUICK).checks(), "", "");
      List<MemcachedClient> idle = new ArrayList<>();
      try {
        // Those that are told that it is full are closed by the server.
        for (int i = 0; i < 21; i++) {
          idle.add(server.connect());
        }
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () -> {
                  List<CheckResult> results = ServerChecks.run(target, QUICK).checks();
                  Outcomes.assertOutcomes(results, "", Outcomes.EVERYTHING);
                  assertThat(results.getFirst().evidence()).contains("accepts no more connections");
                });
      } finally {
        idle.forEach(MemcachedClient::close);
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> Outcomes.assertOutcomes(ServerChecks.run(target, QUICK).checks(), "", ""));
    }
  }

  /** A socket that is bound and does not listen refuses, and keeps others from its port. */
  private static Target target(RealMemcached server, Socket silent, SilentPort denied)
      throws IOException {
    silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    List<Integer> otherPorts = new ArrayList<>(List.of(silent.getLocalPort()));
    server.addresses().stream().skip(1).forEach(address -> otherPorts.add(address.getPort()));
    return new Target(
        server.address(),
        List.of(SAMMY, JAWS),
        Distribution.DEBIAN_12,
        otherPorts,
        List.of(denied.port()));
  }

  private RealMemcached start(SetUp setUp) throws IOException {
    List<String> hardened = List.of("-U", "0", "-S", "-l", "127.0.0.1");
    return switch (setUp) {
      case AS_THE_OPERATOR_DOES -> start("plain", true, hardened);
      case NO_SASL_CONFIGURATION -> RealMemcached.start(directory, hardened);
      case ANONYMOUS_IN_MECH_LIST -> start("plain anonymous", true, hardened);
      case MORE_MECHANISMS -> start("plain login", true, hardened);
      case NO_SASLDB -> start("plain", false, hardened);
      case PASSWORD_FILE_INSTEAD -> startWithPasswordFile();
      case NO_SASL -> start("plain", true, List.of("-U", "0", "-l", "127.0.0.1"));
      case NO_SASL_AND_UDP -> startWithUdp();
      case SECOND_PORT ->
          start("plain", true, List.of("-U", "0", "-S", "-l", "127.0.0.1,127.0.0.1"));
    };
  }

  private RealMemcached start(String mechanisms, boolean sasldb, List<String> options)
      throws IOException {
    Files.writeString(
        directory.resolve(SaslConfig.CONFIG_FILE),
        SaslConfig.text()
            .replace(SaslConfig.MOUNT_PATH, directory.toString())
            .replace("mech_list: plain", "mech_list: " + mechanisms));
    if (sasldb) {
      Files.write(
          directory.resolve(SaslConfig.SASLDB_FILE),
          SaslDb.write(
              List.of(
                  new SaslEntry("sammy", "fixed", SAMMY.password()),
                  new SaslEntry("jaws", "fixed", JAWS.password()))));
    }
    return RealMemcached.start(directory, options);
  }

  private RealMemcached startWithPasswordFile() throws IOException {
    Path file = Files.writeString(directory.resolve("passwords"), "sammy:hunter2\n");
    return RealMemcached.start(
        directory, List.of("-Y", file.toString(), "-U", "0", "-l", "127.0.0.1"));
  }

  /**
   * UDP has to have the port of TCP, which the kernel gives to both only if it is asked by name.
   */
  private RealMemcached startWithUdp() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    String port;
    try (ServerSocket tcp = new ServerSocket(0, 1, loopback);
        DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), loopback)) {
      port = String.valueOf(udp.getLocalPort());
    }
    return start("plain", true, List.of("-p", port, "-U", port, "-l", "127.0.0.1"));
  }
}
