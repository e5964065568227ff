package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * From a change of the spec to the last restarted server ready, without a pause, beside the rolling
 * update of a bare StatefulSet of the same pods, in interleaved runs.
 */
final class BenchRollout {

  private static final int SERVERS = 3;
  private static final String NAME = "cache";
  private static final String BARE = "bare";

  private final Sandbox sandbox;
  private final KubernetesClient client;

  private BenchRollout(Sandbox sandbox) {
    this.sandbox = sandbox;
    this.client = sandbox.client();
  }

  static void run(TestbedCluster cluster, Installation installation, int pairs)
      throws InterruptedException {
    try (Sandbox sandbox = new Sandbox(cluster, installation, "bench-rollout")) {
      new BenchRollout(sandbox).run(pairs);
    }
  }

  private void run(int pairs) throws InterruptedException {
    apply(1024);
    sandbox.awaitReady(NAME);
    createBare();
    awaitBare();
    List<Double> ours = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    for (int i = 1; i <= pairs; i++) {
      int connections = 1024 + i;
      long start = System.nanoTime();
      apply(connections);
      sandbox.awaitReady(NAME);
      ours.add(Bench.seconds(start));
      start = System.nanoTime();
      changeBare(connections);
      awaitBare();
      bare.add(Bench.seconds(start));
    }
    System.out.printf(
        "change to the last of %d servers ready, without a pause: %.2f s; rolling update of a bare StatefulSet of the same pods: %.2f s; ratio %.2f (limit 1.2), means of %d interleaved runs%n",
        SERVERS, Bench.mean(ours), Bench.mean(bare), Bench.mean(ours) / Bench.mean(bare), pairs);
  }

  private void apply(int connections) {
    sandbox.apply(
        NAME,
        """
        replicas: %d
        maxConnections: %d
        updates: {pause: 0s}
        verification: {gate: ReportOnly}
        """
            .formatted(SERVERS, connections));
  }

  private void createBare() {
    client
        .resource(
            Bench.bare(client, sandbox.namespace(), NAME, BARE)
                .edit()
                .editSpec()
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .endUpdateStrategy()
                .endSpec()
                .build())
        .create();
  }

  private void changeBare(int connections) {
    client
        .apps()
        .statefulSets()
        .inNamespace(sandbox.namespace())
        .withName(BARE)
        .edit(
            set ->
                set.edit()
                    .editSpec()
                    .editTemplate()
                    .editSpec()
                    .editFirstContainer()
                    .addToEnv(
                        new EnvVarBuilder()
                            .withName("CONNECTIONS_" + connections)
                            .withValue("")
                            .build())
                    .endContainer()
                    .endSpec()
                    .endTemplate()
                    .endSpec()
                    .build());
  }

  private void awaitBare() {
    client
        .apps()
        .statefulSets()
        .inNamespace(sandbox.namespace())
        .withName(BARE)
        .waitUntilCondition(BenchRollout::isRolled, 120, TimeUnit.SECONDS);
  }

  private static boolean isRolled(StatefulSet set) {
    StatefulSetStatus status = set == null ? null : set.getStatus();
    return status != null
        && set.getMetadata().getGeneration().equals(status.getObservedGeneration())
        && Integer.valueOf(SERVERS).equals(status.getReadyReplicas())
        && Integer.valueOf(SERVERS).equals(status.getUpdatedReplicas());
  }
}
