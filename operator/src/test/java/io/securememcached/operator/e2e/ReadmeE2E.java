package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Released;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs the commands of README.md, from its own text and in its order. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class ReadmeE2E {

  /** Commands that this test stands in for, and how. */
  private static final Map<String, String> DONE_OTHERWISE =
      Map.of(
          "./quickstart",
          "scripts/quickstart-test runs it; here the test's cluster and operator are there already",
          "eval \"$(./quickstart --env)\"",
          "the test's own cluster is set in the environment",
          "mvn package -DskipTests",
          "this run of Maven has done it",
          "helm install securememcached-operator"
              + " oci://ghcr.io/securememcached/charts/securememcached-operator --version "
              + Released.newest().orElse(Released.current())
              + " --namespace securememcached-system --create-namespace"
              + " --set defaultFlavor=Debian13 --wait",
          "ReleaseRun installs a release from a registry",
          "images/build --push registry.example.com/mirror operator memcached-debian13",
          "the installation of this run has built and loaded them; ReleaseRun pushes them",
          "mvn verify",
          "this test is a part of it");

  /** Here the nodes have the images under the names that the chart's defaults give them. */
  private static final String OWN_REGISTRY =
      " --set image.repository=registry.example.com/mirror/operator"
          + " --set images.debian13=registry.example.com/mirror/memcached:1.6.45-debian13";

  private static final String NAMESPACE = "shop";
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final Cluster cluster;
  private final Installation installation;

  ReadmeE2E(Cluster cluster, Installation installation) {
    this.cluster = cluster;
    this.installation = installation;
  }

  /** README's default flavor is not that of the other tests. */
  @AfterAll
  void removeNamespace() {
    installation.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait");
    installation.setDefaultFlavor();
  }

  @Test
  void everyCommandWorksInItsPlace() throws IOException {
    installation.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait");
    Set<String> otherwise = new HashSet<>();
    List<String> ran = new ArrayList<>();
    for (String line : commands()) {
      if (DONE_OTHERWISE.containsKey(line)) {
        otherwise.add(line);
        continue;
      }
      String command = line.replace(OWN_REGISTRY, "");
      Shell.Result result =
          Shell.tryRun(
              Guarded.ROOT, environment(), LONGEST, "bash", "-euo", "pipefail", "-c", command);
      assertThat(result.code()).as("%s%n%s", command, result).isZero();
      ran.add(command);
    }
    assertThat(otherwise)
        .as("commands that README.md no longer has")
        .isEqualTo(DONE_OTHERWISE.keySet());
    assertThat(ran).hasSizeGreaterThan(6).anyMatch(command -> command.startsWith("helm "));
    installation.kubectl("get", "pod", "-n", NAMESPACE, "web");
  }

  /** The lines of its console blocks, without the remarks behind them. */
  static List<String> commands() throws IOException {
    List<String> commands = new ArrayList<>();
    boolean isConsole = false;
    for (String line : Files.readAllLines(Guarded.ROOT.resolve("README.md"))) {
      if (line.startsWith("```")) {
        isConsole = line.equals("```console");
      } else if (isConsole) {
        commands.add(line.split("\\s+# ", 2)[0].strip());
      }
    }
    return commands;
  }

  private Map<String, String> environment() {
    return Map.of(
        "KUBECONFIG",
        cluster.kubeconfig().toString(),
        "PATH",
        Stream.concat(
                cluster.tools().stream().map(Path::toString), Stream.of(System.getenv("PATH")))
            .collect(Collectors.joining(File.pathSeparator)));
  }
}
