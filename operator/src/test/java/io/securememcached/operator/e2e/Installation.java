package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.securememcached.operator.Guarded;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The operator as users install it: from its image, with its chart. */
final class Installation implements AutoCloseable {

  /** Namespace of the operator, the one of the install manifest. */
  static final String NAMESPACE = "securememcached-system";

  /** Name of the release, and so of the Deployment, the ServiceAccount and the roles. */
  static final String RELEASE = "securememcached-operator";

  /** Whom the tests' installation lets read metrics: MetricsE2E runs a Prometheus there. */
  static final String METRICS_FROM =
      "metrics.from=[{\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\""
          + MetricsE2E.NAMESPACE
          + "\"}},\"podSelector\":{\"matchLabels\":{\"app\":\"prometheus\"}}}]";

  private static final Duration BUILD = Duration.ofMinutes(20);
  private static final Duration HELM = Duration.ofMinutes(5);
  private static final Duration STARTED_AGAIN = Duration.ofMinutes(1);

  private final Cluster cluster;
  private final KubernetesClient client;
  private final boolean wasThere;
  private final Instant started;
  private final SeenPasswords passwords;
  private final StringBuilder earlierLogs = new StringBuilder();
  private String killed = "";

  /** Builds and loads the images where the cluster's nodes can't pull them, then installs. */
  Installation(Cluster cluster) {
    this.cluster = cluster;
    this.client = cluster.client();
    boolean isOurs = !(cluster instanceof ExistingCluster);
    if (isOurs) {
      cluster.load(build());
    }
    started = Instant.now();
    passwords = new SeenPasswords(client);
    wasThere = helm("list", "--namespace", NAMESPACE, "--short").contains(RELEASE);
    List<String> command =
        new ArrayList<>(
            List.of("upgrade", "--install", RELEASE, "charts/securememcached-operator"));
    command.addAll(List.of("--namespace", NAMESPACE, "--create-namespace"));
    command.addAll(List.of("--wait", "--timeout", "3m"));
    if (isOurs) {
      // The CRD stays when a release goes, and then belongs to none or to another one.
      command.addAll(List.of("--take-ownership", "--force-conflicts"));
      // LeakE2E looks for passwords in all that can be logged.
      command.addAll(List.of("--set", "logLevel=trace"));
      command.addAll(List.of("--set-json", METRICS_FROM));
    }
    if (isOurs || !System.getProperty("images.flavor", "").isEmpty()) {
      command.addAll(List.of("--set", "defaultFlavor=" + TestedFlavor.NAME));
    }
    Figure figure = Figure.of("operator installed with its chart");
    helm(command.toArray(String[]::new));
    figure.done();
    if (wasThere) {
      // The chart is the same, the image behind the same name may not be.
      restart();
    }
  }

  /** Sets the default flavor of this run again, after another one. */
  void setDefaultFlavor() {
    helm(
        "upgrade",
        RELEASE,
        "charts/securememcached-operator",
        "--namespace",
        NAMESPACE,
        "--reset-then-reuse-values",
        "--set",
        "defaultFlavor=" + TestedFlavor.NAME,
        "--wait");
  }

  private static List<Path> build() {
    Set<String> command = new LinkedHashSet<>(List.of("images/build", "operator"));
    command.add(TestedFlavor.TARGET);
    // A cache moves from one to the other.
    command.addAll(List.of("memcached-debian12", "memcached-debian13"));
    return Shell.run(Guarded.ROOT, Map.of(), BUILD, command.toArray(String[]::new))
        .lines()
        .map(Path::of)
        .toList();
  }

  Cluster cluster() {
    return cluster;
  }

  /** When the operator of this run was installed. */
  Instant started() {
    return started;
  }

  /** Every password that the cluster had since then. */
  SeenPasswords passwords() {
    return passwords;
  }

  /**
   * All that the operator and the exporter have logged, those of their processes that this run has
   * ended included.
   */
  String logs() {
    return earlierLogs
        + kubectl(
            "logs",
            "-n",
            NAMESPACE,
            "--tail=-1",
            "--selector=app.kubernetes.io/name=securememcached-operator");
  }

  private void keepLogs() {
    String logs = logs();
    earlierLogs.setLength(0);
    earlierLogs.append(logs);
  }

  /** Replaces the operator's pods as an upgrade does, and waits for the new ones alone. */
  void restart() {
    keepLogs();
    client.apps().deployments().inNamespace(NAMESPACE).withName(RELEASE).rolling().restart();
    awaitRollout();
  }

  /** Stops the operator, with 0, or starts it. */
  void scale(int replicas) {
    keepLogs();
    client.apps().deployments().inNamespace(NAMESPACE).withName(RELEASE).scale(replicas);
    awaitRollout();
    Sandbox.eventually(
        "the operator's pods", () -> assertThat(pods().list().getItems()).hasSize(replicas));
  }

  /** Takes away what operators agree by on who acts, as long as none runs. */
  void deleteLease() {
    client.leases().inNamespace(NAMESPACE).withName(RELEASE).delete();
  }

  /**
   * Ends the operator's process as {@code kill -9} does; the kubelet starts it again. A container
   * that was killed before stays in the pod's status until the kubelet has seen its end.
   */
  void kill() {
    keepLogs();
    Awaitility.await("the operator's container")
        .atMost(STARTED_AGAIN)
        .until(() -> isRunning(pod()) && !Cluster.containerId(pod()).equals(killed));
    killed = Cluster.containerId(pod());
    cluster.kill(killed);
  }

  private static boolean isRunning(Pod pod) {
    return pod.getStatus().getContainerStatuses().getFirst().getState().getRunning() != null;
  }

  /** How often the operator's container was started again. */
  int restarts() {
    return pod().getStatus().getContainerStatuses().getFirst().getRestartCount();
  }

  private void awaitRollout() {
    kubectl("rollout", "status", "-n", NAMESPACE, "deployment/" + RELEASE, "--timeout=120s");
  }

  /** IP address of the operator's pod. */
  String address() {
    return pod().getStatus().getPodIP();
  }

  private Pod pod() {
    return pods().list().getItems().getFirst();
  }

  private FilterWatchListDeletable<Pod, PodList, PodResource> pods() {
    return client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/component", "operator");
  }

  /** Runs Helm against the cluster; it must succeed. */
  String helm(String... arguments) {
    return Shell.run(Guarded.ROOT, environment(), HELM, command("helm", arguments));
  }

  /**
   * Runs kubectl against the cluster; it must succeed.
   *
   * @return its standard output
   */
  String kubectl(String... arguments) {
    Shell.Result result = tryKubectl(arguments);
    assertThat(result.code()).as("%s", result).isZero();
    return result.output();
  }

  /** Runs kubectl against the cluster; it may fail. */
  Shell.Result tryKubectl(String... arguments) {
    return Shell.tryRun(Guarded.ROOT, environment(), HELM, command("kubectl", arguments));
  }

  /** Runs the plugin for kubectl, which kubectl looks for on the PATH. */
  Shell.Result plugin(String... arguments) {
    String path =
        Stream.of(
                Stream.of(Guarded.ROOT.resolve("plugin")),
                cluster.tools().stream(),
                Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(Path::of))
            .flatMap(folders -> folders)
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    return Shell.tryRun(
        Guarded.ROOT,
        Map.of("KUBECONFIG", cluster.kubeconfig().toString(), "PATH", path),
        HELM,
        Stream.concat(Stream.of("env", "kubectl", "securememcached"), Stream.of(arguments))
            .toArray(String[]::new));
  }

  /** Starts kubectl against the cluster, for its standard input and output. */
  Process startKubectl(String... arguments) {
    return Shell.start(Guarded.ROOT, environment(), command("kubectl", arguments));
  }

  private String[] command(String tool, String... arguments) {
    String path =
        cluster.tools().stream()
            .map(folder -> folder.resolve(tool))
            .filter(Files::isExecutable)
            .map(Path::toString)
            .findFirst()
            .orElse(tool);
    return Stream.concat(Stream.of(path), Stream.of(arguments)).toArray(String[]::new);
  }

  private Map<String, String> environment() {
    return Map.of("KUBECONFIG", cluster.kubeconfig().toString());
  }

  /** Leaves the cluster as it was: an operator that was there stays. */
  @Override
  public void close() {
    passwords.close();
    if (!wasThere) {
      helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--wait");
    }
  }
}
