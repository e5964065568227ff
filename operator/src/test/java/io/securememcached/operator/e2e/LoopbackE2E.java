package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFindsFault;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.LocalPortForward;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The first stage of a set-up: a server that only its own pod reaches. The counter-example of each
 * check is a server of the next stage, with the same zone.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class LoopbackE2E {

  private static final String SPEC =
      """
      listen: %s
      sourceZones:
        - name: web
          sources:
            - podSelector:
                matchLabels:
                  app: web
      """;

  private final Sandbox sandbox;
  private Place client;
  private Place stranger;
  private Server inner;
  private Server outer;

  LoopbackE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-loopback");
  }

  @BeforeAll
  void start() {
    sandbox.apply("inner", SPEC.formatted("Loopback"));
    sandbox.apply("outer", SPEC.formatted("PodIP"));
    client = sandbox.client("web", Map.of("app", "web"));
    stranger = sandbox.client("stranger", Map.of());
    sandbox.awaitReady("inner");
    sandbox.awaitReady("outer");
    inner = sandbox.server("inner-0", "inner-credentials");
    outer = sandbox.server("outer-0", "outer-credentials");
    Sandbox.awaitReach(client, outer, Place.Reach.CONNECTED);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void noOtherPodGetsIn() {
    Checks.Check isShut =
        server -> {
          // The zone lets the packets through, so it is the listener that is not there.
          Sandbox.awaitReach(client, outer, Place.Reach.CONNECTED);
          assertThat(client.reach(server)).isEqualTo(Place.Reach.REFUSED);
          assertThat(stranger.reach(server)).isEqualTo(Place.Reach.TIMED_OUT);
        };
    isShut.on(inner);
    assertFindsFault(isShut, outer);
  }

  @Test
  void listensOnLoopbackAlone() {
    Checks.Check listensOnLoopback =
        server ->
            assertThat(Sockets.of(sandbox.in(server.pod())))
                .isEqualTo(List.of("tcp 127.0.0.1:11211"));
    listensOnLoopback.on(inner);
    assertFindsFault(listensOnLoopback, outer);
  }

  /** The counter-example listens on its pod's address only. */
  @Test
  void portForwardGetsInAndLogsIn() {
    portForward(inner);
    portForward(outer);
    assertFindsFault(this::portForward, new BarePods(sandbox).withoutLogins("without-loopback"));
  }

  /** The counter-example requires no login. */
  @Test
  void portForwardWithoutALoginGetsNothing() {
    Checks.Check isRefused =
        server ->
            forwarded(
                server,
                connection ->
                    assertThat(connection.get("key").status()).isEqualTo(Status.AUTH_ERROR));
    isRefused.on(outer);
    assertFindsFault(isRefused, new BarePods(sandbox).withoutSaslOnLoopback("without-sasl"));
  }

  private void portForward(Server server) {
    forwarded(
        server,
        connection -> {
          assertThat(connection.authenticate(server.login()).ok()).isTrue();
          assertThat(connection.statistics().values()).containsEntry("pid", Quoted.of("1"));
        });
  }

  private interface Session {
    void run(MemcachedClient connection) throws MemcachedException;
  }

  private void forwarded(Server server, Session session) {
    try (LocalPortForward forward =
            sandbox
                .client()
                .pods()
                .inNamespace(sandbox.namespace())
                .withName(server.pod())
                .portForward(server.port());
        MemcachedClient connection =
            MemcachedClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), forward.getLocalPort()),
                Relay.TIMEOUTS)) {
      session.run(connection);
    } catch (MemcachedException e) {
      throw new AssertionError("The port of " + server.pod() + " is not there", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
