package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Pods;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * What many objects cost: the memory of the operator beside many resources and many objects of
 * others, and the processor time of one reconciliation beside few and many resources.
 */
final class BenchScale {

  private static final int RESOURCES = 1_000;

  /** Of each of three kinds; Kubernetes makes a fourth, an EndpointSlice for each Service. */
  private static final int FOREIGN = 1_500;

  private static final int RECONCILIATIONS = 200;

  private static final String OURS = "bench-scale";
  private static final String THEIRS = "bench-others";

  private final Bench bench;
  private final KubernetesClient client;

  BenchScale(Bench bench, KubernetesClient client) {
    this.bench = bench;
    this.client = client;
  }

  /** Resident memory with resources that have pods, which no node takes, and foreign objects. */
  void memory() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(Bench.CONNECTIONS)) {
      bench.create(OURS);
      bench.create(THEIRS);
      write(threads, FOREIGN, BenchScale::service);
      write(threads, FOREIGN, BenchScale::policy);
      write(threads, FOREIGN, BenchScale::ingress);
      bench.applyAll(threads, OURS, 0, RESOURCES, BenchScale::unscheduled);
      awaitNumber(StatefulSet.class, OURS, RESOURCES);
      awaitNumber(Pod.class, OURS, RESOURCES);
      awaitNumber(EndpointSlice.class, THEIRS, FOREIGN);
      String before = memoryNow();
      bench.scaleOperator(0);
      bench.scaleOperator(1);
      double lists = bench.started();
      awaitIdle();
      System.out.printf(
          "%d resources with pods, %d objects of others: %s; after a start: %s; %.2f s to the last list%n",
          RESOURCES, 4 * FOREIGN, before, memoryNow(), lists);
    } finally {
      bench.delete(OURS);
      bench.delete(THEIRS);
    }
  }

  /**
   * Processor time of a reconciliation that changes nothing, beside 10, 100 and 1,000 resources.
   */
  void reconciliation() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(Bench.CONNECTIONS)) {
      bench.create(OURS);
      List<Double> milliseconds = new ArrayList<>();
      int there = 0;
      for (int count : List.of(10, 100, 1_000)) {
        bench.applyAll(threads, OURS, there, count, name -> Bench.resource(name, 0));
        there = count;
        bench.awaitAllReady(OURS, count);
        awaitIdle();
        Duration before = RunningOperator.find().processorTime();
        for (int i = 0; i < RECONCILIATIONS; i++) {
          look(i);
        }
        awaitIdle();
        Duration all = RunningOperator.find().processorTime().minus(before);
        milliseconds.add(all.toNanos() / 1e6 / RECONCILIATIONS);
      }
      System.out.printf(
          "one reconciliation that changes nothing, its event included: %.2f, %.2f and %.2f ms of processor time with 10, 100 and 1,000 resources in the namespace; ratio %.2f%n",
          milliseconds.get(0),
          milliseconds.get(1),
          milliseconds.get(2),
          milliseconds.get(2) / milliseconds.get(0));
    } finally {
      bench.delete(OURS);
    }
  }

  /** One after the other, so that no two events become one reconciliation. */
  private void look(int number) throws InterruptedException {
    client
        .resources(SecureMemcached.class)
        .inNamespace(OURS)
        .withName("bench0")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": {\"securememcached.io/look\": \"%d\"}}}"
                .formatted(number));
    Bench.letPass(Duration.ofMillis(50));
  }

  /** Until the operator takes less than a hundredth of a processor. */
  private static void awaitIdle() throws InterruptedException {
    Duration window = Duration.ofSeconds(3);
    Duration used;
    do {
      Duration before = RunningOperator.find().processorTime();
      Bench.letPass(window);
      used = RunningOperator.find().processorTime().minus(before);
    } while (used.toMillis() > window.toMillis() / 100);
  }

  private String memoryNow() {
    int restarts =
        client
            .pods()
            .inNamespace(Installation.NAMESPACE)
            .withLabel("app.kubernetes.io/component", "operator")
            .list()
            .getItems()
            .stream()
            .filter(Pods::isRunning)
            .mapToInt(pod -> pod.getStatus().getContainerStatuses().getFirst().getRestartCount())
            .sum();
    return "%.0f MB resident of 336 (the default limit of 320Mi), %d restarts"
        .formatted(RunningOperator.find().residentMegabytes(), restarts);
  }

  private <T extends HasMetadata> void awaitNumber(Class<T> kind, String namespace, int number) {
    client
        .resources(kind)
        .inNamespace(namespace)
        .informOnCondition(objects -> objects.size() >= number)
        .orTimeout(20, TimeUnit.MINUTES)
        .join();
  }

  private void write(ExecutorService threads, int count, IntFunction<HasMetadata> object)
      throws Exception {
    List<Future<?>> writes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      HasMetadata made = object.apply(i);
      writes.add(threads.submit(() -> client.resource(made).create()));
    }
    for (Future<?> write : writes) {
      write.get();
    }
  }

  private static String unscheduled(String name) {
    return Bench.resource(name, 1)
        + "  scheduling: {nodeSelector: {securememcached.io/bench: none}}\n";
  }

  private static ObjectMeta meta(int number) {
    return new ObjectMetaBuilder()
        .withNamespace(THEIRS)
        .withName("app-" + number)
        .addToLabels("app.kubernetes.io/name", "app-" + number)
        .build();
  }

  private static Service service(int number) {
    return new ServiceBuilder()
        .withMetadata(meta(number))
        .withNewSpec()
        .withClusterIP("None")
        .addToSelector("app.kubernetes.io/name", "app-" + number)
        .addNewPort()
        .withName("http")
        .withPort(80)
        .withNewTargetPort(8080)
        .endPort()
        .endSpec()
        .build();
  }

  private static NetworkPolicy policy(int number) {
    return new NetworkPolicyBuilder()
        .withMetadata(meta(number))
        .withNewSpec()
        .withNewPodSelector()
        .addToMatchLabels("app.kubernetes.io/name", "app-" + number)
        .endPodSelector()
        .addNewIngress()
        .addNewFrom()
        .withNewPodSelector()
        .addToMatchLabels("app.kubernetes.io/name", "gateway")
        .endPodSelector()
        .endFrom()
        .endIngress()
        .endSpec()
        .build();
  }

  private static Ingress ingress(int number) {
    return new IngressBuilder()
        .withMetadata(meta(number))
        .withNewSpec()
        .addNewRule()
        .withHost("app-%d.example.com".formatted(number))
        .withNewHttp()
        .addNewPath()
        .withPath("/")
        .withPathType("Prefix")
        .withNewBackend()
        .withNewService()
        .withName("app-" + number)
        .withNewPort()
        .withName("http")
        .endPort()
        .endService()
        .endBackend()
        .endPath()
        .endHttp()
        .endRule()
        .endSpec()
        .build();
  }
}
