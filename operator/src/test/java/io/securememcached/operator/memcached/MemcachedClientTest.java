package io.securememcached.operator.memcached;

import static io.securememcached.operator.memcached.TestingMemcached.answering;
import static io.securememcached.operator.memcached.TestingMemcached.behaving;
import static io.securememcached.operator.memcached.TestingMemcached.receive;
import static io.securememcached.operator.memcached.TestingMemcached.response;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.securememcached.operator.text.Quoted;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes over the wire, and what becomes of the answers. */
@Timeout(20)
class MemcachedClientTest {

  private static final int FIRST = 1;

  @Test
  void plainLoginOnTheWire() throws Exception {
    SynchronousQueue<TestingMemcached.Received> received = new SynchronousQueue<>();
    try (var server =
            behaving(
                (self, in, out) -> {
                  TestingMemcached.Received request = receive(in);
                  out.write(response(0x21, request.opaque(), 0x20, "", "Auth failure."));
                  received.put(request);
                });
        var client = server.connect(Timeouts.DEFAULT)) {
      Response response = client.authenticate(new PlainCredentials("sammy", "hunter2"));
      assertThat(response.status()).isEqualTo(Status.AUTH_ERROR);
      assertThat(response.ok()).isFalse();
      TestingMemcached.Received request = received.take();
      assertThat(request.header())
          .startsWith(0x80, 0x21, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5 + 1 + 5 + 1 + 7);
      assertThat(new String(request.body(), UTF_8)).isEqualTo("PLAIN\0sammy\0hunter2");
    }
  }

  @Test
  void statisticsAreCollected() throws Exception {
    try (var server =
            behaving(
                (self, in, out) -> {
                  int opaque = receive(in).opaque();
                  out.write(response(0x10, opaque, 0, "pid", "7"));
                  out.write(response(0x10, opaque, 0, "version", "1.6.18"));
                  out.write(response(0x10, opaque, 0, "", ""));
                  opaque = receive(in).opaque();
                  out.write(response(0x10, opaque, 0x01, "", "Not found"));
                  TestingMemcached.hang(in);
                });
        var client = server.connect(Timeouts.DEFAULT)) {
      assertThat(client.statistics())
          .isEqualTo(
              new Statistics(0, Map.of("pid", Quoted.of("7"), "version", Quoted.of("1.6.18"))));
      assertThat(client.statistics("none")).isEqualTo(new Statistics(0x01, Map.of()));
    }
  }

  @Test
  void unknownStatusKeepsItsCode() throws Exception {
    try (var server = answering(response(0x0b, FIRST, 0x99, "", ""));
        var client = server.connect(Timeouts.DEFAULT)) {
      Response response = client.version();
      assertThat(response.status()).isEqualTo(Status.OTHER);
      assertThat(response).hasToString("Response[OTHER (0x99), 0 bytes]");
    }
  }

  @Test
  void passwordIsInNoText() throws Exception {
    PlainCredentials credentials = new PlainCredentials("sammy", "hunter2");
    assertThat(credentials).hasToString("PlainCredentials[user=sammy]");
    // A server that sends back what it got must not bring the password into a log either.
    try (var server =
            behaving(
                (self, in, out) -> {
                  TestingMemcached.Received request = receive(in);
                  out.write(request.body());
                  TestingMemcached.hang(in);
                });
        var client = server.connect(Timeouts.DEFAULT)) {
      StringWriter trace = new StringWriter();
      catchThrowableOfType(MemcachedException.class, () -> client.authenticate(credentials))
          .printStackTrace(new PrintWriter(trace));
      assertThat(trace.toString()).contains("SASL_AUTH").doesNotContain("hunter2");
    }
    assertThatThrownBy(() -> new PlainCredentials("sammy", "hunter2\0"))
        .hasMessage("the password contains a NUL, which SASL PLAIN does not allow");
  }

  @Test
  void argumentsThatMakeNoSense() throws Exception {
    try (var server = behaving((self, in, out) -> {});
        var client = server.connect(Timeouts.DEFAULT)) {
      assertThatThrownBy(() -> client.get("")).hasMessageStartingWith("a key is 1 to 250 bytes");
      assertThatThrownBy(() -> client.get("a b")).hasMessageContaining("'a b'");
      assertThatThrownBy(() -> client.get("ä".repeat(126)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> client.set("key", new byte[0], Duration.ofDays(31)))
          .hasMessage("the expiry is not within 0 to 30 days: PT744H");
    }
    assertThatThrownBy(() -> new Timeouts(Duration.ZERO, Duration.ofDays(1), Duration.ofDays(1)))
        .hasMessage("the connect time-out must be positive: PT0S");
    assertThatThrownBy(
            () ->
                MemcachedClient.connect(
                    InetSocketAddress.createUnresolved("host", 1), Timeouts.DEFAULT))
        .hasMessageStartingWith("the address is not resolved");
  }
}
