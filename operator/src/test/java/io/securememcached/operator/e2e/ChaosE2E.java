package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.rotation.Requests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Everything that can go wrong does, in an order that the seed decides, and none of this ever
 * happens: a stranger gets in, a login ends before its time, two operators write at once, a status
 * says what is not so.
 *
 * <p>{@code -Dchaos.seconds=900} runs it for longer than a minute, {@code -Dchaos.seed=} does the
 * same things again.
 */
@ExtendWith(E2EEnvironment.class)
class ChaosE2E {

  private static final String STRANGER = "10.30.0.72";

  private final Cluster cluster;
  private final Installation installation;
  private final long seed = Long.getLong("chaos.seed", System.currentTimeMillis());
  private final Duration duration = Duration.ofSeconds(Long.getLong("chaos.seconds", 60));
  private final Random random = new Random(seed);
  private final ChaosHistory history = new ChaosHistory(seed);
  private Sandbox sandbox;
  private ChaosPods pods;
  private ChaosActs acts;

  ChaosE2E(Cluster cluster, Installation installation) {
    this.cluster = cluster;
    this.installation = installation;
  }

  @Test
  void nothingThatMustNeverHappenDoes() {
    Instant start = Instant.now();
    try (Sandbox place = new Sandbox(cluster, installation, "e2e-chaos");
        Cluster.OutsideHost friend = cluster.outside("chaos-friend", ChaosActs.FRIEND);
        Cluster.OutsideHost stranger = cluster.outside("chaos-stranger", STRANGER)) {
      sandbox = place;
      acts = new ChaosActs(cluster, sandbox, random, history);
      Server open = new BarePods(sandbox).withoutSasl("open");
      installation.scale(2);
      acts.changeOne();
      acts.createTwo();
      sandbox.awaitReady("one");
      try (ChaosPods watched = new ChaosPods(sandbox, history)) {
        pods = watched;
        run(open, friend, stranger);
        assertOneWriterAtATime(start);
        assertAllIsWatched(start, open, friend, stranger);
      } finally {
        history.write();
        installation.scale(1);
      }
    }
  }

  private void assertOneWriterAtATime(Instant start) {
    if (cluster instanceof TestbedCluster testbed) {
      List<ChaosWriters.Write> writes = ChaosWriters.read(testbed.auditLog(), start);
      assertThat(writes).as("writes in the audit log").hasSizeGreaterThan(20);
      assertThat(ChaosWriters.ofOthersThanTheLeader(writes))
          .as("writes of an operator that does not lead: %s", history)
          .isEmpty();
    }
  }

  /** The counter-examples. */
  private void assertAllIsWatched(Instant start, Server open, Place friend, Place stranger) {
    ChaosCounterExamples counterExamples = new ChaosCounterExamples(sandbox, pods);
    counterExamples.openInSecret(stranger, open, acts.opening());
    counterExamples.revokeInSecret(friend, ChaosActs.OVERLAP, () -> acts.ask(Requests.REVOKE));
    if (cluster instanceof TestbedCluster testbed) {
      counterExamples.writeAsAnother(testbed, start);
    }
    history.note("all that was done on purpose was seen");
  }

  private void run(Server open, Place friend, Place stranger) {
    try (ChaosStranger knocking =
            new ChaosStranger(stranger, pods, open, acts::isInvited, history);
        ChaosLogins loggingIn =
            new ChaosLogins(sandbox, friend, pods, "one", ChaosActs.OVERLAP, history)) {
      List<ChaosActs.Act> all = acts.all(pods, loggingIn);
      Instant end = Instant.now().plus(duration);
      while (Instant.now().isBefore(end) && history.isWhole()) {
        ChaosActs.Act act = all.get(random.nextInt(all.size()));
        history.note(act.name());
        act.body().run();
        acts.renewOperators();
        ChaosActs.pause(random.nextInt(3_000));
      }
      history.note("all is over, every status is looked at");
      acts.createTwo();
      new ChaosStatus(sandbox, friend).everyStatusIsTrue();
      history.note("every status is true");
      System.out.printf(
          "  chaos: seed %d, %d s, %d knocks of a stranger, %d logins, %d violations%n",
          seed,
          Duration.between(end.minus(duration), Instant.now()).toSeconds(),
          knocking.knocks(),
          loggingIn.logins(),
          history.violations());
      assertThat(knocking.letInByTheOpenOne()).as("the stranger knocks").isPositive();
      assertThat(knocking.knocks()).isGreaterThan(20);
      assertThat(loggingIn.logins()).isGreaterThan(10);
      assertThat(history.isWhole()).as("%s", history).isTrue();
    } catch (RuntimeException | AssertionError e) {
      System.out.println(history);
      throw e;
    }
  }
}
