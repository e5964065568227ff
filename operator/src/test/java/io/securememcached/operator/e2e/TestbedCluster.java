package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The project's own one-node cluster; see docs/testbed.md. It stays up for the next run. */
final class TestbedCluster implements Cluster {

  /** Builds everything from source on a machine that never did. */
  private static final Duration FIRST_UP = Duration.ofMinutes(45);

  private static final Duration COMMAND = Duration.ofMinutes(5);
  private static final Pattern EXPORT = Pattern.compile("export (\\w+)=(.*)");

  private final Path kubeconfig;
  private final List<Path> tools;
  private final Path auditLog;
  private final KubernetesClient client;
  private final List<Restart> restarts = new CopyOnWriteArrayList<>();

  /**
   * While the API server was started again. It answers before it has read the roles, and forbids
   * everything then.
   */
  record Restart(Instant from, Instant ready) {

    boolean contains(Instant time) {
      return !time.isBefore(from) && !time.isAfter(ready);
    }
  }

  TestbedCluster() {
    testbed(FIRST_UP, "up");
    Matcher exports = EXPORT.matcher(testbed(COMMAND, "env"));
    Path config = null;
    Path audit = null;
    List<Path> path = new ArrayList<>();
    while (exports.find()) {
      switch (exports.group(1)) {
        case "KUBECONFIG" -> config = Path.of(exports.group(2));
        case "PATH" -> path.add(Path.of(exports.group(2).split(":")[0]));
        case "TESTBED_AUDIT_LOG" -> audit = Path.of(exports.group(2));
        default -> {}
      }
    }
    kubeconfig = config;
    tools = path;
    auditLog = audit;
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
            .build();
  }

  @Override
  public KubernetesClient client() {
    return client;
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public List<Path> tools() {
    return tools;
  }

  /** The API server's audit log, a JSON object a line. */
  Path auditLog() {
    return auditLog;
  }

  /** Lets the API server answer nobody, and its connections stay open. */
  void pauseApiServer() {
    signalApiServer("STOP");
  }

  /** Lets a paused API server go on. */
  void resumeApiServer() {
    signalApiServer("CONT");
  }

  /** Ends the API server as {@code kill -9} does, and starts it again. */
  void restartApiServer() {
    Instant from = Instant.now();
    testbed(COMMAND, "restart", "kube-apiserver");
    restarts.add(new Restart(from, Instant.now()));
  }

  /** The restarts of this run. */
  List<Restart> restarts() {
    return List.copyOf(restarts);
  }

  private void signalApiServer(String signal) {
    Path pid = auditLog.getParent().resolveSibling("run/kube-apiserver.pid");
    try {
      Shell.run(
          Guarded.ROOT, Map.of(), COMMAND, "kill", "-" + signal, Files.readString(pid).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets the network plugin ignore all policies, in silence, or enforce them again. */
  void enforcePolicies(boolean enforce) {
    testbed(COMMAND, "policies", enforce ? "on" : "off");
  }

  /**
   * Lets a filter in the network of a pod reject new connections but those to one port, as a plugin
   * does that answers with an ICMP error instead of dropping (kube-router, also in k3s).
   */
  void rejectAllBut(int port, Pod pod, boolean reject) {
    String command =
        """
        pid=$(ctr -n k8s.io tasks ls | awk '$1 == "%s" { print $2 }') &&
          nsenter --net=/proc/$pid/ns/net \\
            iptables --%s INPUT --protocol tcp --syn ! --destination-port %d --jump REJECT
        """
            .formatted(Cluster.containerId(pod), reject ? "append" : "delete", port);
    testbed(COMMAND, "node", "bash", "-c", command);
  }

  /**
   * Lets the node's own connections to a pod, the kubelet's probes among them, come from the
   * link-local address that Istio's agent gives them, by the same rule.
   */
  void linkLocalProbes(Pod pod, boolean linkLocal) {
    testbed(
        COMMAND,
        "node",
        "iptables",
        "--table",
        "nat",
        linkLocal ? "--insert" : "--delete",
        "POSTROUTING",
        "--protocol",
        "tcp",
        "--match",
        "owner",
        "--socket-exists",
        "--destination",
        pod.getStatus().getPodIP(),
        "--jump",
        "SNAT",
        "--to-source",
        "169.254.7.127");
  }

  @Override
  public void load(List<Path> archives) {
    List<String> command = new ArrayList<>(List.of("load"));
    archives.forEach(archive -> command.add(archive.toString()));
    testbed(COMMAND, command.toArray(String[]::new));
  }

  @Override
  public OutsideHost outside(String name, String address) {
    testbed(COMMAND, "outside", "add", name, address);
    return new OutsideHost() {
      @Override
      public Shell.Result run(String... command) {
        return Shell.tryRun(Guarded.ROOT, Map.of(), COMMAND, there(command));
      }

      @Override
      public Process start(String... command) {
        return Shell.start(Guarded.ROOT, Map.of(), there(command));
      }

      private String[] there(String... command) {
        List<String> all = new ArrayList<>(List.of("outside", "exec", name, "--"));
        all.addAll(List.of(command));
        return script(all.toArray(String[]::new));
      }

      @Override
      public void close() {
        testbed(COMMAND, "outside", "del", name);
      }
    };
  }

  @Override
  public void kill(String containerId) {
    testbed(COMMAND, "node", "ctr", "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL", containerId);
  }

  @Override
  public void close() {
    client.close();
  }

  private static String testbed(Duration limit, String... arguments) {
    return Shell.run(Guarded.ROOT, Map.of(), limit, script(arguments));
  }

  private static String[] script(String... arguments) {
    List<String> command = new ArrayList<>(List.of("testbed/testbed"));
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }
}
