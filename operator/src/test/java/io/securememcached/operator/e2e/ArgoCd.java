package io.securememcached.operator.e2e;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Argo CD's application-controller, its repo-server and their Redis, as processes beside the
 * cluster. In the cluster are only its CRDs, its settings and its Applications.
 */
final class ArgoCd implements AutoCloseable {

  static final String NAMESPACE = "argocd";

  private static final Duration BUILD = Duration.ofMinutes(60);

  /** The API server, which is not run, creates it. */
  private static final String PROJECT =
      """
      apiVersion: argoproj.io/v1alpha1
      kind: AppProject
      metadata: {name: default, namespace: argocd}
      spec:
        sourceRepos: ["*"]
        destinations: [{server: "*", namespace: "*"}]
        clusterResourceWhitelist: [{group: "*", kind: "*"}]
      """;

  private final Installation installation;
  private final Path kubeconfig;
  private final Path built;
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();

  /**
   * Builds it.
   *
   * @param folder for its temporary files
   */
  ArgoCd(Cluster cluster, Installation installation, Path folder) {
    this.installation = installation;
    this.kubeconfig = cluster.kubeconfig();
    this.folder = folder;
    built = Path.of(Shell.run(Guarded.ROOT, Map.of(), BUILD, "scripts/argo-cd"));
  }

  /**
   * Installs and starts it.
   *
   * @param settings changes argocd-cm before the processes start: a change in the moment after they
   *     have read it and before they watch it is lost to their cache of the cluster
   */
  void start(Runnable settings) throws IOException {
    installation.kubectl("apply", "--server-side", "--kustomize", manifests("crds"));
    installation.kubectl("create", "namespace", NAMESPACE);
    installation.kubectl("apply", "-n", NAMESPACE, "--kustomize", manifests("config"));
    settings.run();
    Path project = Files.writeString(folder.resolve("project.yaml"), PROJECT);
    Sandbox.eventually(
        "Argo CD's kinds", () -> installation.kubectl("apply", "--filename", project.toString()));
    startProcesses();
  }

  private void startProcesses() throws IOException {
    String socket = folder.resolve("redis.sock").toString();
    String port = Integer.toString(Ports.free());
    run("redis-server", "redis-server", "--port", "0", "--unixsocket", socket, "--save", "");
    run(
        "argocd-repo-server",
        built.resolve("argocd").toString(),
        "--redis=" + socket,
        "--address=127.0.0.1",
        "--port=" + port,
        "--metrics-address=127.0.0.1",
        "--metrics-port=0",
        "--disable-tls",
        "--logformat=text");
    run(
        "argocd-application-controller",
        built.resolve("argocd").toString(),
        "--redis=" + socket,
        "--repo-server=127.0.0.1:" + port,
        "--repo-server-plaintext",
        "--metrics-port=0",
        "--namespace=" + NAMESPACE,
        "--logformat=text");
  }

  private void run(String name, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "KUBECONFIG", kubeconfig.toString(),
                "TMPDIR", folder.toString(),
                "ARGOCD_BINARY_NAME", name,
                // The cluster of KUBECONFIG is the one of https://kubernetes.default.svc.
                "ARGOCD_FAKE_IN_CLUSTER", "true",
                "ARGOCD_CONTROLLER_SHARD", "0",
                "ARGOCD_GPG_ENABLED", "false",
                "ARGOCD_ASK_PASS_SOCK", folder.resolve("askpass.sock").toString(),
                "ARGOCD_TLS_DATA_PATH", folder.resolve("tls").toString(),
                "ARGOCD_SSH_DATA_PATH", folder.resolve("ssh").toString()));
    Path log = Guarded.ROOT.resolve("operator/target/failsafe-reports/" + name + ".log");
    Files.createDirectories(log.getParent());
    processes.add(builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  private String manifests(String part) {
    return built.resolve("manifests").resolve(part).toString();
  }

  /** Runs kubectl on the namespace of Argo CD; it must succeed. */
  String inNamespace(String... arguments) {
    return installation.kubectl(
        Stream.concat(Stream.of("-n", NAMESPACE), Stream.of(arguments)).toArray(String[]::new));
  }

  /** Ends the processes, and removes all from the cluster; what Applications applied stays. */
  @Override
  public void close() {
    for (Process process : processes.reversed()) {
      process.destroy();
      process.onExit().join();
    }
    installation.kubectl("delete", "--ignore-not-found", "namespace", NAMESPACE);
    installation.kubectl("delete", "--ignore-not-found", "--kustomize", manifests("crds"));
  }
}
