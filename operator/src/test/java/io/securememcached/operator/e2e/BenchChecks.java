package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the checks of running servers cost the operator: its processor time while each of some
 * servers is checked about once a minute, beside the same servers while none is.
 */
final class BenchChecks {

  private static final int SERVERS = 20;
  private static final Duration WINDOW = Duration.ofMinutes(3);

  /** What is reckoned: so many servers at the default interval. */
  private static final int FLEET = 1_000;

  private static final Duration INTERVAL = Duration.ofMinutes(15);

  private BenchChecks() {}

  static void run(TestbedCluster cluster, Installation installation) throws InterruptedException {
    try (Sandbox sandbox = new Sandbox(cluster, installation, "bench-checks")) {
      Seen seen = new Seen();
      sandbox.apply("cache", spec("24h"));
      sandbox.awaitReady("cache");
      SharedIndexInformer<SecureMemcached> watch =
          sandbox
              .client()
              .resources(SecureMemcached.class)
              .inNamespace(sandbox.namespace())
              .inform(seen);
      try {
        // A minute after its first, short run each server is checked once more.
        Sandbox.eventually("second runs", () -> seen.requireRuns(2 * SERVERS));
        double idle = processorSeconds();
        int before = seen.runs();
        sandbox.apply("cache", spec("1m"));
        // A changed spec is checked at once, which is not what is measured.
        Sandbox.eventually("runs of the change", () -> seen.requireRuns(before + SERVERS));
        int runs = seen.runs();
        int writes = seen.writes.get();
        double busy = processorSeconds();
        double each = (busy - idle) / (seen.runs() - runs);
        // The pause is up to a fifth shorter than the interval.
        double perSecond = FLEET / (0.9 * INTERVAL.toSeconds());
        System.out.printf(
            "checks: %d of %d servers in %d s, %d status writes, %.1f ms of processor time each (%.2f s in all, %.2f s while idle); %d servers every %d minutes: %.1f %% of a core%n",
            seen.runs() - runs,
            SERVERS,
            WINDOW.toSeconds(),
            seen.writes.get() - writes,
            each * 1000,
            busy,
            idle,
            FLEET,
            INTERVAL.toMinutes(),
            each * perSecond * 100);
      } finally {
        watch.close();
      }
    }
  }

  /** Of the operator, in one window. */
  private static double processorSeconds() throws InterruptedException {
    RunningOperator operator = RunningOperator.find();
    Duration before = operator.processorTime();
    Bench.letPass(WINDOW);
    return operator.processorTime().minus(before).toMillis() / 1000.0;
  }

  private static String spec(String interval) {
    return "replicas: %d\nverification: {interval: %s}".formatted(SERVERS, interval);
  }

  /** Runs of the checks, as the status has them. */
  private static final class Seen implements ResourceEventHandler<SecureMemcached> {

    private final Set<String> runs = ConcurrentHashMap.newKeySet();
    private final AtomicInteger writes = new AtomicInteger();

    int runs() {
      return runs.size();
    }

    void requireRuns(int wanted) {
      if (runs() < wanted) {
        throw new AssertionError(runs() + " of " + wanted + " runs");
      }
    }

    @Override
    public void onAdd(SecureMemcached resource) {
      resource.getStatus().servers().forEach(this::see);
    }

    @Override
    public void onUpdate(SecureMemcached before, SecureMemcached after) {
      writes.incrementAndGet();
      onAdd(after);
    }

    @Override
    public void onDelete(SecureMemcached resource, boolean finalStateUnknown) {}

    private void see(ServerStatus server) {
      if (!server.verifiedAt().isEmpty()) {
        runs.add(server.name() + " " + server.verifiedAt());
      }
    }
  }
}
