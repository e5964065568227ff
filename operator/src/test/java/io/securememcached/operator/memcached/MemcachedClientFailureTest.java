package io.securememcached.operator.memcached;

import static io.securememcached.operator.memcached.TestingMemcached.answering;
import static io.securememcached.operator.memcached.TestingMemcached.behaving;
import static io.securememcached.operator.memcached.TestingMemcached.receive;
import static io.securememcached.operator.memcached.TestingMemcached.response;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.securememcached.operator.memcached.MemcachedException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each wait has an end and each length a limit, whatever is at the other end. */
@Timeout(20)
class MemcachedClientFailureTest {

  private static final Duration LONG = Duration.ofSeconds(15);

  /** For what is not about time: a busy machine must not make a time-out of it. */
  private static final Timeouts PATIENT = new Timeouts(LONG, LONG, LONG);

  /** One wait each ends early, so that it is clear which one did. */
  private static final Timeouts SHORT_CONNECT = new Timeouts(Duration.ofMillis(200), LONG, LONG);

  private static final Timeouts SHORT_SILENCE = new Timeouts(LONG, Duration.ofMillis(200), LONG);
  private static final Timeouts SHORT_OPERATION = new Timeouts(LONG, LONG, Duration.ofMillis(600));

  /** The last millisecond of a machine under load is not what is tested here. */
  private static final Duration SLACK = Duration.ofSeconds(3);

  private static final int FIRST = 1;

  @Test
  void hangingServer() throws Exception {
    try (var server = behaving((self, in, out) -> TestingMemcached.hang(in))) {
      assertFailure(server, SHORT_SILENCE, Reason.TIMEOUT, "VERSION: no data for 200 ms");
    }
  }

  @Test
  void tricklingServer() throws Exception {
    try (var server =
        behaving(
            (self, in, out) -> {
              for (byte b : response(0x0b, FIRST, 0, "", "1.6.18".repeat(100))) {
                Thread.sleep(50);
                out.write(b);
              }
            })) {
      long start = System.nanoTime();
      assertFailure(server, SHORT_OPERATION, Reason.TIMEOUT, "VERSION: operation timed out");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(SHORT_OPERATION.operation(), SHORT_OPERATION.operation().plus(SLACK));
    }
  }

  @Test
  void serverThatNeverReads() throws Exception {
    try (var server = behaving((self, in, out) -> self.sleepUntilClosed());
        var client = server.connect(SHORT_SILENCE)) {
      byte[] more = new byte[64 * 1024 * 1024];
      assertThatThrownBy(() -> client.set("key", more, Duration.ZERO))
          .isInstanceOf(MemcachedException.class)
          .hasMessageEndingWith("SET: no data for 200 ms");
    }
  }

  @Test
  void endlessStatistics() throws Exception {
    byte[] line = response(0x10, FIRST, 0, "name", "x".repeat(1000));
    try (var server =
            behaving(
                (self, in, out) -> {
                  receive(in);
                  while (true) {
                    out.write(line);
                  }
                });
        var client = server.connect(PATIENT)) {
      assertThatThrownBy(client::statistics)
          .hasMessageEndingWith("STAT: response exceeds 65536 bytes");
    }
  }

  /** One byte more than a version may have is none, and no memory is taken for it. */
  @Test
  void versionOfSixtyFiveBytes() throws Exception {
    try (var server = answering(response(0x0b, FIRST, 0, "", "x".repeat(64)));
        var client = server.connect(PATIENT)) {
      assertThat(client.version().text().text()).hasSize(64);
    }
    try (var server = answering(response(0x0b, FIRST, 0, "", "x".repeat(65)))) {
      assertFailure(server, PATIENT, Reason.PROTOCOL, "VERSION: response exceeds 64 bytes");
    }
  }

  /** memcached 1.6 says so to a connection too many, mostly before it is asked. */
  @Test
  void fullServer() throws Exception {
    byte[] full = "ERROR Too many open connections\r\n".getBytes(UTF_8);
    try (var server = behaving((self, in, out) -> out.write(full))) {
      for (int i = 0; i < 20; i++) {
        assertFailure(
            server,
            PATIENT,
            Reason.FULL,
            "VERSION: the server accepts no more connections: its limit is reached");
        assertThatThrownBy(
                () ->
                    TextProbe.ask(
                        server.address(),
                        PATIENT,
                        Deadline.NONE,
                        "version\r\nstats\r\nstats\r\nquit\r\n"))
            .isInstanceOfSatisfying(
                MemcachedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FULL));
      }
    }
    try (var server = answering("ERROR Too many cooks in the kitchen".getBytes(UTF_8))) {
      assertFailure(
          server, PATIENT, Reason.PROTOCOL, "VERSION: not a response in the binary protocol");
    }
  }

  @Test
  void garbage() throws Exception {
    try (var server = answering("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8))) {
      assertFailure(
          server, PATIENT, Reason.PROTOCOL, "VERSION: not a response in the binary protocol");
    }
  }

  @Test
  void responseToAnotherOperation() throws Exception {
    try (var server = answering(response(0x0a, FIRST, 0, "", ""))) {
      assertFailure(server, PATIENT, Reason.PROTOCOL, "VERSION: response to another operation");
    }
  }

  @Test
  void responseToAnotherRequest() throws Exception {
    try (var server = answering(response(0x0b, FIRST + 1, 0, "", ""))) {
      assertFailure(server, PATIENT, Reason.PROTOCOL, "VERSION: response to another request");
    }
  }

  @Test
  void hugeLength() throws Exception {
    try (var server = answering(response(0x81, 0x0b, FIRST, 0, "", "", 0xffffffff))) {
      assertFailure(server, PATIENT, Reason.PROTOCOL, "VERSION: response exceeds 64 bytes");
    }
  }

  @Test
  void keyLongerThanBody() throws Exception {
    try (var server = answering(response(0x81, 0x0b, FIRST, 0, "key", "", 2))) {
      assertFailure(server, PATIENT, Reason.PROTOCOL, "VERSION: response key exceeds the body");
    }
  }

  @Test
  void earlyCloseAndWhatFollows() throws Exception {
    try (var server =
            behaving(
                (self, in, out) -> {
                  receive(in);
                  out.write(response(0x0b, FIRST, 0, "", "1.6.18"), 0, 30 - 3);
                });
        var client = server.connect(PATIENT)) {
      assertThatThrownBy(client::version)
          .hasMessageEndingWith("VERSION: the server closed the connection");
      assertThatThrownBy(client::noop).hasMessageEndingWith("NOOP: the client is closed");
    }
  }

  @Test
  void refusedConnection() throws Exception {
    InetSocketAddress address;
    // Nobody accepts on it: a thread that does would hold the port for a moment after the close.
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = (InetSocketAddress) listener.getLocalSocketAddress();
    }
    MemcachedException e =
        catchThrowableOfType(
            MemcachedException.class, () -> MemcachedClient.connect(address, PATIENT));
    assertThat(e.reason()).isEqualTo(Reason.CONNECTION_REFUSED);
    assertThat(e).hasMessage("127.0.0.1:%d: connect: connection refused", address.getPort());
  }

  @Test
  void unansweredConnection() throws Exception {
    List<MemcachedClient> queued = new ArrayList<>();
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Linux drops requests for a connection once the queue of a listener is full.
      MemcachedException e =
          catchThrowableOfType(
              MemcachedException.class,
              () -> {
                while (queued.size() < 20) {
                  queued.add(
                      MemcachedClient.connect(
                          (InetSocketAddress) listener.getLocalSocketAddress(), SHORT_CONNECT));
                }
              });
      assertThat(e.reason()).isEqualTo(Reason.CONNECT_TIMEOUT);
      assertThat(e).hasMessageEndingWith("connect: no response within 200 ms");
    } finally {
      queued.forEach(MemcachedClient::close);
    }
  }

  @Test
  void deadlineOfAllEndsEachWait() throws Exception {
    try (var server = behaving((self, in, out) -> TestingMemcached.hang(in))) {
      // The connection has to fit into it.
      Deadline deadline = Deadline.after(Duration.ofSeconds(2));
      try (var client = MemcachedClient.connect(server.address(), PATIENT, deadline)) {
        MemcachedException e = catchThrowableOfType(MemcachedException.class, client::version);
        assertThat(e.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(e).hasMessageEndingWith("VERSION: overall deadline exceeded");
      }
      assertThat(deadline.isOver()).isTrue();
    }
  }

  @Test
  void textProbeTellsSilenceFromHangingUp() throws Exception {
    String request = "version\r\n".repeat(3);
    try (var server = behaving((self, in, out) -> TestingMemcached.hang(in))) {
      assertThatThrownBy(() -> text(server, SHORT_SILENCE, request))
          .hasMessageEndingWith("text: no data for 200 ms");
    }
    try (var server = behaving((self, in, out) -> in.readNBytes(request.length()))) {
      assertThat(text(server, PATIENT, request)).isEmpty();
    }
    try (var server =
        behaving(
            (self, in, out) -> {
              out.writeBytes("VERSION");
              TestingMemcached.hang(in);
            })) {
      assertThat(text(server, SHORT_SILENCE, request)).isEqualTo("VERSION");
    }
    try (var server =
        behaving(
            (self, in, out) -> {
              while (true) {
                out.writeBytes("x".repeat(10_000));
              }
            })) {
      assertThat(text(server, PATIENT, request)).isEqualTo("x".repeat(4096));
      Thread.currentThread().interrupt();
      MemcachedException e =
          catchThrowableOfType(MemcachedException.class, () -> text(server, PATIENT, request));
      assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThatThrownBy(() -> TextProbe.ask(null, PATIENT, Deadline.NONE, "version\r\n"))
        .hasMessage("a text request needs 24 characters: version");
  }

  private static String text(TestingMemcached server, Timeouts timeouts, String request)
      throws MemcachedException {
    return TextProbe.ask(server.address(), timeouts, Deadline.NONE, request);
  }

  @Test
  void interruptedThread() throws Exception {
    SynchronousQueue<Thread> waiting = new SynchronousQueue<>();
    try (var server =
            behaving(
                (self, in, out) -> {
                  receive(in);
                  waiting.take().interrupt();
                  TestingMemcached.hang(in);
                });
        var client = server.connect(PATIENT)) {
      Thread self = Thread.currentThread();
      Thread.ofVirtual().start(() -> offer(waiting, self));
      assertThatThrownBy(client::version).hasMessageEndingWith("VERSION: interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private static void assertFailure(
      TestingMemcached server, Timeouts timeouts, Reason reason, String message)
      throws IOException {
    try (var client = server.connect(timeouts)) {
      MemcachedException e = catchThrowableOfType(MemcachedException.class, client::version);
      assertThat(e.reason()).isEqualTo(reason);
      assertThat(e).hasMessage("127.0.0.1:%d: %s", server.address().getPort(), message);
    }
  }

  private static void offer(SynchronousQueue<Thread> queue, Thread thread) {
    try {
      queue.put(thread);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
