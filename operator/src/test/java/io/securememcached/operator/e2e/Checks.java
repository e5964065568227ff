package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.memcached.Timeouts;
import java.net.InetSocketAddress;
import org.assertj.core.api.ThrowableAssert;

/**
 * What an administrator checks on a hardened server. Each check is also run on a server that is set
 * up wrongly, where it must fail.
 *
 * @param sandbox where the servers and the clients are
 * @param client a place that the server's zones let in
 */
record Checks(Sandbox sandbox, Place client) {

  /** A check of one server. */
  @FunctionalInterface
  interface Check {
    void on(Server server);
  }

  /** Passes when the check does not: then it can tell a good server from this one. */
  static void assertFindsFault(Check check, Server broken) {
    assertThatThrownBy(() -> check.on(broken))
        .as("the check on %s", broken.pod())
        .isInstanceOf(AssertionError.class);
  }

  /** Passes when the assertion does not. */
  static void assertFails(ThrowableAssert.ThrowingCallable assertion) {
    assertThatThrownBy(assertion).isInstanceOf(AssertionError.class);
  }

  /**
   * {@code netstat -plunt} shows one TCP socket on the pod's address, one on 127.0.0.1, and none of
   * UDP.
   */
  void listensOnPodAddressAndLoopback(Server server) {
    assertThat(Sockets.of(sandbox.in(server.pod())))
        .containsExactlyInAnyOrder(
            "tcp " + server.address() + ":" + server.port(), "tcp 127.0.0.1:" + server.port());
  }

  /** The server's log says that SASL is on. */
  void saysThatSaslIsOn(Server server) {
    assertThat(
            sandbox
                .client()
                .pods()
                .inNamespace(sandbox.namespace())
                .withName(server.pod())
                .getLog())
        .contains("Initialized SASL.");
  }

  /**
   * {@code memcstat} without a login exits 1, as it speaks the text protocol, which a server with
   * SASL does not. By the binary protocol it exits 0 in some versions, but prints nothing either.
   */
  void refusesStatisticsWithoutLogin(Server server) {
    Shell.Result text = client.run("memcstat", "--servers=" + servers(server));
    assertThat(text.code()).as(text.errors()).isEqualTo(1);
    Shell.Result binary = client.run("memcstat", "--binary", "--servers=" + servers(server));
    assertThat(text.output() + binary.output()).doesNotContain("pid:", "uptime:", "version:");
  }

  /** {@code memcstat} with a login prints what is asked for most. */
  void tellsStatisticsWithLogin(Server server) {
    Shell.Result result =
        client.run(
            "memcstat",
            "--binary",
            "--username=" + server.login().user(),
            "--password=" + server.login().password(),
            "--servers=" + servers(server));
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(result.output()).contains("pid: ", "uptime: ", "version: 1.");
  }

  private static String servers(Server server) {
    return server.address() + ":" + server.port();
  }

  /** The server answers no datagram, neither to the zones' clients nor to its own pod. */
  void answersNoUdp(Server server) {
    assertThat(client.answersUdp(server)).isFalse();
    assertThat(sandbox.in(server.pod()).answersUdp(server)).isFalse();
  }

  /** The client gets in. */
  void letsClientIn(Server server) {
    assertThat(client.reach(server)).isEqualTo(Place.Reach.CONNECTED);
  }

  /** Packets from a place are dropped, while those of the client are not. */
  void keepsOut(Place stranger, Server server) {
    assertThat(stranger.reach(server)).isEqualTo(Place.Reach.TIMED_OUT);
    letsClientIn(server);
  }

  /** A login with the password "wrong password" is refused, and the right one is not. */
  void refusesWrongPassword(Server server) {
    with(
        server,
        connection ->
            assertThat(
                    connection
                        .authenticate(new PlainCredentials(server.login().user(), "wrong password"))
                        .status())
                .isEqualTo(Status.AUTH_ERROR));
    with(server, connection -> assertThat(connection.authenticate(server.login()).ok()).isTrue());
  }

  /** What a connection may do whose login was refused: nothing (CVE-2013-7239). */
  void refusesGetAfterRefusedLogin(Server server) {
    with(
        server,
        connection -> {
          connection.authenticate(new PlainCredentials(server.login().user(), "no password"));
          assertThat(connection.get("key").status()).isEqualTo(Status.AUTH_ERROR);
        });
  }

  /** A user logs in by its own name or with a realm. */
  void letsUserIn(Server server, String user) {
    with(
        server,
        connection ->
            assertThat(
                    connection
                        .authenticate(new PlainCredentials(user, server.login().password()))
                        .status())
                .as("login of %s at %s", user, server.pod())
                .isEqualTo(Status.SUCCESS));
  }

  /** PLAIN is the only mechanism that a server offers. */
  static void offersPlainAlone(InetSocketAddress address) throws MemcachedException {
    try (MemcachedClient connection = MemcachedClient.connect(address, patient())) {
      assertThat(connection.mechanisms().text().text()).isEqualTo("PLAIN");
    }
  }

  /** A login without a name is refused, and so is what comes after it. */
  static void refusesAnonymous(InetSocketAddress address) {
    assertThat(RawLogin.anonymous(address))
        .as("ANONYMOUS, then a command that needs a login")
        .isEqualTo(new RawLogin.Answers(RawLogin.AUTH_ERROR, RawLogin.AUTH_ERROR));
  }

  private static Timeouts patient() {
    return Relay.TIMEOUTS;
  }

  @FunctionalInterface
  private interface Use {
    void of(MemcachedClient connection) throws MemcachedException;
  }

  private void with(Server server, Use use) {
    try (Relay relay = new Relay(client, server);
        MemcachedClient connection = relay.connect()) {
      use.of(connection);
    } catch (MemcachedException e) {
      throw new AssertionError("No answer from " + server.pod(), e);
    }
  }
}
