package io.securememcached.operator.e2e;

import io.securememcached.operator.Guarded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The operator as users install it: from its image, with its chart. */
final class Installation implements AutoCloseable {

  /** Namespace of the operator, the one of the install manifest. */
  static final String NAMESPACE = "securememcached-system";

  private static final String RELEASE = "securememcached-operator";
  private static final Duration BUILD = Duration.ofMinutes(20);
  private static final Duration HELM = Duration.ofMinutes(5);

  private final Cluster cluster;
  private final boolean wasThere;

  /** Builds and loads the images where the cluster's nodes can't pull them, then installs. */
  Installation(Cluster cluster) {
    this.cluster = cluster;
    if (!(cluster instanceof ExistingCluster)) {
      cluster.load(build());
    }
    wasThere = helm("list", "--namespace", NAMESPACE, "--short").contains(RELEASE);
    helm(
        "upgrade",
        "--install",
        RELEASE,
        "charts/securememcached-operator",
        "--namespace",
        NAMESPACE,
        "--create-namespace",
        "--wait",
        "--timeout",
        "3m");
  }

  private static List<Path> build() {
    return Shell.run(
            Guarded.ROOT, Map.of(), BUILD, "images/build", "operator", "memcached-debian12")
        .lines()
        .map(Path::of)
        .toList();
  }

  /** Runs Helm against the cluster; it must succeed. */
  String helm(String... arguments) {
    return Shell.run(Guarded.ROOT, environment(), HELM, command("helm", arguments));
  }

  /** Runs kubectl against the cluster. */
  Shell.Result kubectl(String... arguments) {
    return Shell.tryRun(Guarded.ROOT, environment(), HELM, command("kubectl", arguments));
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
    if (!wasThere) {
      helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--wait");
    }
  }
}
