package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.VerificationPolicy;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the operator costs, each figure beside what the same work costs without it, in one run on
 * one cluster. {@code bench/run} starts it; bench/README.md says what the figures mean.
 */
public final class Bench {

  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          NetworkPolicy.class,
          Secret.class,
          ServiceAccount.class,
          Service.class,
          StatefulSet.class);

  /**
   * Connections of the plain client, twice as many as the operator works on resources at a time.
   */
  static final int CONNECTIONS = 8;

  private static final int STARTS = 5;

  private static final String OPERATOR = "deployment/securememcached-operator";
  private static final String POLICY = "app.kubernetes.io/component=network-policy";
  private static final String CHILD = "app.kubernetes.io/managed-by=securememcached-operator";
  private static final Pattern START = Pattern.compile("(\\S+) .*startMillis=(\\d+) Started");
  private static final Pattern CREATED =
      Pattern.compile("(\\S+) .*kind=NetworkPolicy .* Created child");

  private final TestbedCluster cluster;
  private final Installation installation;
  private final KubernetesClient client;
  private final PrintStream out = System.out;

  private Bench(TestbedCluster cluster, Installation installation) {
    this.cluster = cluster;
    this.installation = installation;
    this.client = cluster.client();
  }

  /**
   * Prints the figures.
   *
   * @param arguments number of pairs, number of resources, idle seconds, and the parts that are
   *     wanted: ready, rollout, many, checks, start, memory, reconcile, exporter
   */
  public static void main(String[] arguments) throws Exception {
    List<String> parts = new ArrayList<>(List.of(arguments[3].split(",")));
    if (parts.remove("exporter")) {
      // On an API server of its own: the exporter's memory and time are its process's.
      BenchExporter.run(1_000);
    }
    if (parts.isEmpty()) {
      return;
    }
    try (TestbedCluster cluster = new TestbedCluster();
        Installation installation = new Installation(cluster)) {
      Bench bench = new Bench(cluster, installation);
      Duration idle = Duration.ofSeconds(Long.parseLong(arguments[2]));
      for (String part : parts) {
        switch (part) {
          case "ready" -> bench.ready(Integer.parseInt(arguments[0]));
          case "many" -> bench.many(Integer.parseInt(arguments[1]), idle);
          case "rollout" -> BenchRollout.run(cluster, installation, Integer.parseInt(arguments[0]));
          case "checks" -> BenchChecks.run(cluster, installation);
          case "start" -> bench.start(100);
          case "memory" -> new BenchScale(bench, bench.client).memory();
          case "reconcile" -> new BenchScale(bench, bench.client).reconciliation();
          default -> throw new IllegalArgumentException("There is no part " + part);
        }
      }
    }
  }

  /**
   * From apply to Ready, beside the bare StatefulSet of the same pod, in turns: without the gate,
   * which no bare StatefulSet has, and with it.
   */
  private void ready(int pairs) throws InterruptedException {
    List<Double> open = new ArrayList<>();
    List<Double> gated = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    try (Sandbox sandbox = new Sandbox(cluster, installation, "bench-ready")) {
      for (int i = -1; i < pairs; i++) {
        // The kubelet looks at its containers once a second, and what became ready just now became
        // so at a look: each round starts at another moment between two of them.
        Duration moment = Duration.ofMillis(Math.max(i, 0) * 1000L / pairs);
        letPass(moment);
        double withoutGate =
            timeToReady(sandbox, "open" + (i + 1), VerificationPolicy.Gate.ReportOnly);
        letPass(moment);
        double withGate = timeToReady(sandbox, "gated" + (i + 1), VerificationPolicy.Gate.Enforce);
        letPass(moment);
        double alone = timeBare(sandbox, "open" + (i + 1));
        // The first round warms up the node and the operator.
        if (i >= 0) {
          open.add(withoutGate);
          gated.add(withGate);
          bare.add(alone);
        }
      }
    }
    out.printf(
        "apply to Ready, 1 server: %.2f s without the gate, %.2f s with it; bare StatefulSet of the same pod: %.2f s; ratios %.2f (limit 1.5) and %.2f, means of %d in turns%n",
        mean(open),
        mean(gated),
        mean(bare),
        mean(open) / mean(bare),
        mean(gated) / mean(bare),
        pairs);
  }

  private double timeToReady(Sandbox sandbox, String name, VerificationPolicy.Gate gate) {
    long start = System.nanoTime();
    sandbox.apply(resource(name, 1) + "  verification: {gate: " + gate + "}\n");
    sandbox.awaitReady(name);
    return seconds(start);
  }

  /** A StatefulSet with the pods of a resource's, of another name, that nobody reconciles. */
  static StatefulSet bare(KubernetesClient client, String namespace, String model, String name) {
    return new StatefulSetBuilder(
            client.apps().statefulSets().inNamespace(namespace).withName(model).get())
        .withMetadata(new ObjectMetaBuilder().withName(name).withNamespace(namespace).build())
        .editSpec()
        .withNewSelector()
        .addToMatchLabels("app", name)
        .endSelector()
        .editTemplate()
        .withNewMetadata()
        .addToLabels("app", name)
        .endMetadata()
        .endTemplate()
        .endSpec()
        .withStatus(null)
        .build();
  }

  /** The pod of the resource that was just made, in a StatefulSet that nobody reconciles. */
  private double timeBare(Sandbox sandbox, String name) {
    StatefulSet bare = bare(client, sandbox.namespace(), name, "bare-" + name);
    long start = System.nanoTime();
    client.resource(bare).create();
    client
        .apps()
        .statefulSets()
        .inNamespace(sandbox.namespace())
        .withName("bare-" + name)
        .waitUntilCondition(
            set ->
                set != null
                    && set.getStatus() != null
                    && Integer.valueOf(1).equals(set.getStatus().getReadyReplicas()),
            60,
            TimeUnit.SECONDS);
    return seconds(start);
  }

  /** All children of many resources, beside a plain client that applies the same objects. */
  private void many(int count, Duration idle) throws Exception {
    String namespace = "bench-many";
    String copies = "bench-copy";
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      create(namespace);
      create(copies);
      long start = System.nanoTime();
      applyAll(threads, namespace, 0, count, name -> resource(name, 0));
      awaitChildren(namespace, count);
      double withOperator = seconds(start);
      awaitAllReady(namespace, count);

      List<HasMetadata> children = childrenOf(namespace);
      children.forEach(child -> strip(child, copies));
      start = System.nanoTime();
      List<Future<?>> writes = new ArrayList<>();
      children.forEach(
          child ->
              writes.add(
                  threads.submit(() -> client.resource(child).forceConflicts().serverSideApply())));
      for (Future<?> write : writes) {
        write.get();
      }
      double plain = seconds(start);
      out.printf(
          "%d resources with replicas 0, all %d children there: %.1f s; plain client, %d connections, same objects: %.1f s; ratio %.2f (limit 2)%n",
          count, children.size(), withOperator, CONNECTIONS, plain, withOperator / plain);
      delete(copies);

      Map<String, Long> before = writesOfOperator();
      letPass(idle);
      Map<String, Long> after = writesOfOperator();
      before.forEach((what, number) -> after.merge(what, -number, Long::sum));
      after.values().removeIf(number -> number == 0);
      long leases = after.getOrDefault("leases", 0L);
      after.remove("leases");
      out.printf(
          "nothing changing for %d s: writes %s (limit none), lease renewals %d%n",
          idle.toSeconds(), after.isEmpty() ? "none" : after.toString(), leases);
    } finally {
      delete(namespace);
      delete(copies);
    }
  }

  /**
   * Starts of the operator with resources there, up to the first reconcile, in turns with starts
   * without the AOT cache: the machine's speed is in both.
   */
  private void start(int count) throws Exception {
    String namespace = "bench-start";
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      create(namespace);
      applyAll(threads, namespace, 0, count, name -> resource(name, 0));
      awaitChildren(namespace, count);
      awaitAllReady(namespace, count);
      List<Start> cached = new ArrayList<>();
      List<Start> plain = new ArrayList<>();
      for (int i = 0; i < STARTS; i++) {
        cached.add(startOnce(namespace, count, "JAVA_TOOL_OPTIONS-"));
        plain.add(startOnce(namespace, count, "JAVA_TOOL_OPTIONS=-XX:AOTMode=off"));
      }
      double seconds = median(cached, Start::seconds);
      double beside = median(plain, Start::seconds);
      out.printf(
          "operator start to first reconcile with %d resources: %.2f s; without its AOT cache: %.2f s; ratio %.2f; to the last list: %.2f (limit 2.5) and %.2f s; resident %.0f and %.0f MB (limit 150), medians of %d in turns%n",
          count,
          seconds,
          beside,
          seconds / beside,
          median(cached, Start::lists),
          median(plain, Start::lists),
          median(cached, Start::megabytes),
          median(plain, Start::megabytes),
          STARTS);
    } finally {
      installation.kubectl(
          "set", "env", "-n", Installation.NAMESPACE, OPERATOR, "JAVA_TOOL_OPTIONS-");
      delete(namespace);
    }
  }

  /**
   * A start of the operator.
   *
   * @param seconds to the first reconcile
   * @param lists seconds to the last list
   * @param megabytes resident after all passes
   */
  private record Start(double seconds, double lists, double megabytes) {}

  /**
   * Starts the operator.
   *
   * @param environment what to set or to take away, as {@code kubectl set env} has it
   */
  private Start startOnce(String namespace, int count, String environment) throws Exception {
    scaleOperator(0);
    installation.kubectl("set", "env", "-n", Installation.NAMESPACE, OPERATOR, environment);
    FilterWatchListDeletable<NetworkPolicy, NetworkPolicyList, Resource<NetworkPolicy>> policies =
        client.network().v1().networkPolicies().inNamespace(namespace).withLabelSelector(POLICY);
    // Every reconciliation has something to write: the first write is the first reconcile.
    policies.delete();
    var accounts = client.serviceAccounts().inNamespace(namespace).withLabelSelector(CHILD);
    accounts.delete();
    scaleOperator(1);
    policies
        .informOnCondition(there -> there.size() == 3 * count)
        .orTimeout(2, TimeUnit.MINUTES)
        .join();
    accounts
        .informOnCondition(there -> there.size() == count)
        .orTimeout(2, TimeUnit.MINUTES)
        .join();
    return start(operatorLog(), RunningOperator.find().residentMegabytes());
  }

  private static Start start(String log, double megabytes) {
    Matcher started = START.matcher(log);
    Matcher created = CREATED.matcher(log);
    if (!started.find() || !created.find()) {
      throw new IllegalStateException("The operator's log has no start or no child: " + log);
    }
    Instant processStart =
        Instant.parse(started.group(1)).minusMillis(Long.parseLong(started.group(2)));
    return new Start(
        Duration.between(processStart, Instant.parse(created.group(1))).toMillis() / 1000.0,
        Long.parseLong(started.group(2)) / 1000.0,
        megabytes);
  }

  /** Seconds from the start of the operator's process to its last list. */
  double started() {
    Matcher started = START.matcher(operatorLog());
    if (!started.find()) {
      throw new IllegalStateException("The operator's log has no start");
    }
    return Long.parseLong(started.group(2)) / 1000.0;
  }

  private String operatorLog() {
    return installation.kubectl("logs", "-n", Installation.NAMESPACE, OPERATOR);
  }

  void scaleOperator(int replicas) {
    installation.kubectl("scale", "-n", Installation.NAMESPACE, OPERATOR, "--replicas=" + replicas);
    client
        .apps()
        .deployments()
        .inNamespace(Installation.NAMESPACE)
        .withName("securememcached-operator")
        .waitUntilCondition(
            deployment ->
                (deployment.getStatus().getReadyReplicas() == null
                        ? 0
                        : deployment.getStatus().getReadyReplicas())
                    == replicas,
            120,
            TimeUnit.SECONDS);
    if (replicas == 0) {
      client
          .pods()
          .inNamespace(Installation.NAMESPACE)
          .withLabel("app.kubernetes.io/component", "operator")
          .waitUntilCondition(pod -> pod == null, 60, TimeUnit.SECONDS);
    }
  }

  /**
   * Applies resources of successive numbers.
   *
   * @param manifest of a name
   */
  void applyAll(
      ExecutorService threads, String namespace, int from, int to, UnaryOperator<String> manifest)
      throws Exception {
    List<Future<?>> writes = new ArrayList<>();
    for (int i = from; i < to; i++) {
      SecureMemcached resource =
          client
              .getKubernetesSerialization()
              .unmarshal(manifest.apply("bench" + i), SecureMemcached.class);
      writes.add(
          threads.submit(() -> client.resource(resource).inNamespace(namespace).serverSideApply()));
    }
    for (Future<?> write : writes) {
      write.get();
    }
  }

  private void awaitChildren(String namespace, int count) {
    client
        .apps()
        .statefulSets()
        .inNamespace(namespace)
        .informOnCondition(sets -> sets.size() == count)
        .orTimeout(10, TimeUnit.MINUTES)
        .join();
  }

  void awaitAllReady(String namespace, int count) {
    client
        .resources(SecureMemcached.class)
        .inNamespace(namespace)
        .informOnCondition(
            resources ->
                resources.size() == count
                    && resources.stream()
                        .allMatch(
                            resource ->
                                resource.getStatus().conditions().stream()
                                    .anyMatch(
                                        c ->
                                            c.getType().equals("Ready")
                                                && c.getStatus().equals("True"))))
        .orTimeout(10, TimeUnit.MINUTES)
        .join();
  }

  private List<HasMetadata> childrenOf(String namespace) {
    return KINDS.stream()
        .<HasMetadata>flatMap(
            kind ->
                client
                    .resources(kind)
                    .inNamespace(namespace)
                    .withLabel("app.kubernetes.io/managed-by", "securememcached-operator")
                    .list()
                    .getItems()
                    .stream())
        .toList();
  }

  private static void strip(HasMetadata child, String namespace) {
    List<OwnerReference> noOwner = List.of();
    child.setMetadata(
        new ObjectMetaBuilder()
            .withName(child.getMetadata().getName())
            .withNamespace(namespace)
            .withLabels(child.getMetadata().getLabels())
            .removeFromLabels("app.kubernetes.io/managed-by")
            .withOwnerReferences(noOwner)
            .build());
    if (child instanceof Service service && !"None".equals(service.getSpec().getClusterIP())) {
      service.getSpec().setClusterIP(null);
      service.getSpec().setClusterIPs(null);
    }
  }

  /** Writes that the API server's audit log has of the operator, by resource. */
  private Map<String, Long> writesOfOperator() throws IOException {
    Map<String, Long> writes = new TreeMap<>();
    Pattern write =
        Pattern.compile(
            "\"verb\":\"(create|update|patch|delete)\".*\"username\":\"system:serviceaccount:"
                + Installation.NAMESPACE
                + ":.*\"objectRef\":\\{\"resource\":\"([a-z]+)\"");
    try (Stream<String> lines = Files.lines(cluster.auditLog(), StandardCharsets.UTF_8)) {
      lines
          .map(write::matcher)
          .filter(Matcher::find)
          .forEach(match -> writes.merge(match.group(2), 1L, Long::sum));
    }
    return writes;
  }

  void create(String namespace) {
    delete(namespace);
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  void delete(String namespace) {
    client.namespaces().withName(namespace).delete();
    client
        .namespaces()
        .withName(namespace)
        .waitUntilCondition(gone -> gone == null, 10, TimeUnit.MINUTES);
  }

  static String resource(String name, int replicas) {
    return """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata:
          name: %s
        spec:
          replicas: %d
          image:
            flavor: %s
          sourceZones:
            - name: web
              sources:
                - podSelector:
                    matchLabels:
                      app: web
        """
        .formatted(name, replicas, TestedFlavor.NAME);
  }

  /** For a figure that is about time that passes: nothing can be waited for. */
  static void letPass(Duration time) throws InterruptedException {
    Instant until = Instant.now().plus(time);
    while (Instant.now().isBefore(until)) {
      Thread.sleep(Duration.between(Instant.now(), until).toMillis() + 1);
    }
  }

  static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** Of an odd number of starts. */
  private static double median(List<Start> starts, ToDoubleFunction<Start> figure) {
    return starts.stream()
        .mapToDouble(figure)
        .sorted()
        .skip(starts.size() / 2)
        .findFirst()
        .orElseThrow();
  }
}
