package io.securememcached.operator.scrape;

import static io.securememcached.operator.memcached.TestingMemcached.behaving;
import static io.securememcached.operator.memcached.TestingMemcached.receive;
import static io.securememcached.operator.memcached.TestingMemcached.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.metrics.ScrapeOutcome;
import io.securememcached.operator.metrics.ServerStatistics;
import io.securememcached.operator.metrics.Unavailable;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.testing.CapturedLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ScraperTest {

  private static final Login NEWEST = new Login("securememcached-exporter_2", "newest-password");
  private static final Login OLDER = new Login("securememcached-exporter", "older-password");

  /** Far more than a good server takes, on a busy machine too. */
  private static final Duration LIMIT = Duration.ofSeconds(4);

  /** Of a STAT, the second request of a connection. */
  private static final byte[] LINE =
      response(TestingStatistics.STAT, 2, 0, "name", "x".repeat(100));

  private final AtomicLong nanos = new AtomicLong();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final List<Login> logins = new ArrayList<>(List.of(NEWEST, OLDER));
  private final List<TestingMemcached> servers = new ArrayList<>();
  private final Scraper scraper = scraper(LIMIT);

  private Scraper scraper(Duration limit) {
    return new Scraper(target -> List.copyOf(logins), limit, nanos::get, meters);
  }

  @AfterEach
  void close() throws IOException {
    scraper.close();
    for (TestingMemcached server : servers) {
      server.close();
    }
  }

  @Test
  void aScrapeIsThreeStatsOnAKeptConnection() throws Exception {
    TestingStatistics behaviour = new TestingStatistics(NEWEST.password());
    Target target = target("cache-0", start(behaviour));

    assertThat(scrape(target))
        .isInstanceOfSatisfying(
            ServerStatistics.class, statistics -> assertThat(statistics.error()).isEmpty());
    pass(ScrapedServer.INTERVAL);
    assertThat(scrape(target)).isInstanceOf(ServerStatistics.class);

    assertThat(behaviour.asked)
        .containsExactly(
            NEWEST.name(),
            "STAT settings",
            "STAT ",
            "STAT items",
            "STAT slabs",
            "STAT ",
            "STAT items",
            "STAT slabs");
    assertThat(servers.getFirst().connections()).isEqualTo(1);
    assertThat(meters.get("securememcached.exporter.scrapes").timer().count()).isEqualTo(2);
  }

  @Test
  void asksAServerOnceInFiveSecondsWhoeverAsks() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    TestingStatistics behaviour = new TestingStatistics(NEWEST.password());
    TestingMemcached server =
        start(
            (self, in, out) -> {
              end.await();
              behaviour.serve(self, in, out);
            });
    Target target = target("cache-0", server);
    List<ScrapeOutcome> outcomes = Collections.synchronizedList(new ArrayList<>());
    List<Thread> askers =
        Stream.generate(() -> Thread.ofVirtual().start(() -> outcomes.add(scrape(target))))
            .limit(50)
            .toList();
    end.countDown();
    for (Thread asker : askers) {
      asker.join();
    }
    pass(ScrapedServer.INTERVAL.minusNanos(1));
    outcomes.add(scrape(target));

    assertThat(outcomes).hasSize(51).containsOnly(outcomes.getFirst());
    assertThat(behaviour.asked).hasSize(5);
    pass(Duration.ofNanos(1));
    assertThat(scrape(target)).isNotSameAs(outcomes.getFirst());
  }

  @Test
  void olderLoginWorksAndIsRemembered() throws Exception {
    TestingStatistics behaviour = new TestingStatistics(OLDER.password());
    // It hangs up after the login and the four STATs.
    TestingMemcached server =
        start(
            (self, in, out) -> {
              for (int i = 0; i < 5; i++) {
                out.write(behaviour.answer(receive(in)));
              }
            });
    Target target = target("cache-0", server);
    assertThat(scrape(target)).isInstanceOf(ServerStatistics.class);
    assertThat(behaviour.asked).startsWith(NEWEST.name(), OLDER.name(), "STAT settings");

    behaviour.asked.clear();
    pass(ScrapedServer.INTERVAL);
    assertThat(scrape(target))
        .as("a connection that the server has closed is no failure")
        .isInstanceOf(ServerStatistics.class);
    assertThat(behaviour.asked).startsWith(OLDER.name(), "STAT settings");
  }

  @Test
  void rejectedLoginsNameNoPassword() throws Exception {
    TestingStatistics behaviour = new TestingStatistics("another");
    Target target = target("cache-0", start(behaviour));
    try (CapturedLog log = new CapturedLog()) {
      for (int i = 0; i < 3; i++) {
        assertThat(scrape(target)).isEqualTo(Unavailable.LOGIN_REJECTED);
        pass(ScrapedServer.INTERVAL);
      }
      assertThat(log.text())
          .containsOnlyOnce("reason=login_rejected")
          .doesNotContain(NEWEST.password(), OLDER.password());
    }
    assertThat(behaviour.asked).containsOnly(NEWEST.name(), OLDER.name()).hasSize(6);
    assertThat(
            meters
                .get("securememcached.exporter.failures")
                .tag("reason", "login_rejected")
                .counter()
                .count())
        .isEqualTo(3);

    logins.clear();
    assertThat(scrape(target)).isEqualTo(Unavailable.NO_LOGIN);
    assertThat(behaviour.asked).hasSize(6);
  }

  @Test
  void anotherPodOrResourceGetsANewConnection() throws Exception {
    TestingStatistics behaviour = new TestingStatistics(NEWEST.password());
    TestingMemcached server = start(behaviour);
    Target first = target("cache-0", server);
    scrape(first);
    Target samePodName =
        new Target("shop", "cache", "uid", "cache-0", "other pod uid", first.address());
    scrape(samePodName);
    Target sameName =
        new Target("shop", "cache", "other uid", "cache-0", "other pod uid", first.address());
    scrape(sameName);
    assertThat(server.connections()).isEqualTo(3);
    assertThat(behaviour.asked.stream().filter(NEWEST.name()::equals)).hasSize(3);
  }

  @Test
  void closesConnectionsToServersThatAreGone() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    TestingStatistics behaviour = new TestingStatistics(NEWEST.password());
    TestingMemcached server =
        start(
            (self, in, out) -> {
              try {
                behaviour.serve(self, in, out);
              } finally {
                ended.countDown();
              }
            });
    Target gone = target("cache-0", server);
    Target kept = target("cache-1", start(new TestingStatistics(NEWEST.password())));
    scraper.scrape(List.of(gone, kept));

    scraper.retain(Set.of(kept));

    ended.await();
    assertThat(servers.getLast().connections()).isEqualTo(1);
  }

  /** A server that behaves badly after its login. */
  private TestingMemcached.Behaviour afterLogin(TestingMemcached.Behaviour bad) {
    TestingStatistics good = new TestingStatistics(NEWEST.password());
    return (self, in, out) -> {
      out.write(good.login(receive(in)));
      bad.serve(self, in, out);
    };
  }

  /** Longer than the deadline for a whole line. */
  private TestingMemcached.Behaviour trickling() {
    return afterLogin(
        (self, in, out) -> {
          receive(in);
          for (byte b : LINE) {
            out.write(b);
            Thread.sleep(200);
          }
        });
  }

  /** Many lines at a time: 100 servers that write each by itself would take all processor time. */
  private TestingMemcached.Behaviour flooding() {
    return afterLogin(
        (self, in, out) -> {
          receive(in);
          byte[] lines = new byte[500 * LINE.length];
          for (int i = 0; i < 500; i++) {
            System.arraycopy(LINE, 0, lines, i * LINE.length, LINE.length);
          }
          while (true) {
            out.write(lines);
          }
        });
  }

  @Test
  void badServersCostTheirOwnDeadlineOnly() throws Exception {
    Target hanging = target("hanging-0", start((self, in, out) -> self.sleepUntilClosed()));
    Target trickling = target("trickling-0", start(trickling()));
    Target flooding = target("flooding-0", start(flooding()));
    Target rubbish =
        target("rubbish-0", start(afterLogin((self, in, out) -> out.writeBytes("x".repeat(1000)))));
    Target full =
        target(
            "full-0",
            start((self, in, out) -> out.writeBytes("ERROR Too many open connections\r\n")));
    Target refusing =
        target(
            "refusing-0",
            start(
                afterLogin(
                    (self, in, out) -> {
                      out.write(
                          response(TestingStatistics.STAT, receive(in).opaque(), 0x20, "", "no"));
                      TestingMemcached.hang(in);
                    })));
    Target closed;
    try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed =
          new Target(
              "shop",
              "closed",
              "uid",
              "closed-0",
              "pod",
              new ServerAddress(unused.getInetAddress(), unused.getLocalPort()));
    }
    Target good = target("good-0", start(new TestingStatistics(NEWEST.password())));

    List<Target> all = List.of(hanging, trickling, flooding, rubbish, full, refusing, closed, good);
    long start = System.nanoTime();
    List<ScrapeOutcome> outcomes = scraper.scrape(all);
    Duration took = Duration.ofNanos(System.nanoTime() - start);

    assertThat(outcomes.subList(0, 7))
        .containsExactly(
            Unavailable.TIMEOUT,
            Unavailable.TIMEOUT,
            Unavailable.PROTOCOL,
            Unavailable.PROTOCOL,
            Unavailable.FULL,
            Unavailable.STATISTICS_REFUSED,
            Unavailable.CONNECT);
    assertThat(outcomes.getLast()).isInstanceOf(ServerStatistics.class);
    assertThat(took).as("one deadline, not a sum").isLessThan(LIMIT.multipliedBy(2));
  }

  /** More than there are processors: a wait must not take a thread of the machine. */
  @Test
  void manyHangingServersDelayNoOther() throws Exception {
    assertManyDelayNoOther((self, in, out) -> self.sleepUntilClosed(), Unavailable.TIMEOUT);
  }

  @Test
  void manyTricklingServersDelayNoOther() throws Exception {
    assertManyDelayNoOther(trickling(), Unavailable.TIMEOUT);
  }

  @Test
  void manyFloodingServersDelayNoOther() throws Exception {
    assertManyDelayNoOther(flooding(), Unavailable.PROTOCOL);
  }

  private void assertManyDelayNoOther(TestingMemcached.Behaviour behaviour, Unavailable outcome)
      throws Exception {
    TestingMemcached bad = start(behaviour);
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      targets.add(target("bad-" + i, bad));
    }
    targets.add(target("good-0", start(new TestingStatistics(NEWEST.password()))));

    long start = System.nanoTime();
    List<ScrapeOutcome> outcomes = scraper.scrape(targets);

    assertThat(outcomes.getLast()).isInstanceOf(ServerStatistics.class);
    assertThat(outcomes.subList(0, 100)).containsOnly(outcome);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT.multipliedBy(2));
  }

  private ScrapeOutcome scrape(Target target) {
    return scraper.scrape(List.of(target)).getFirst();
  }

  private TestingMemcached start(TestingMemcached.Behaviour behaviour) throws IOException {
    TestingMemcached server = behaving(behaviour);
    servers.add(server);
    return server;
  }

  private static Target target(String pod, TestingMemcached server) {
    return new Target(
        "shop",
        "cache",
        "uid",
        pod,
        "uid of " + pod,
        new ServerAddress(server.address().getAddress(), server.address().getPort()));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
