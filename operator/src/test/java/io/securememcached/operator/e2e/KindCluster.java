package io.securememcached.operator.e2e;

import com.dajudge.kindcontainer.KindContainer;
import com.dajudge.kindcontainer.KindContainerVersion;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.utility.MountableFile;

/** A kind node in a container, through Testcontainers; gone when the tests end. */
final class KindCluster implements Cluster {

  private final KindContainer<?> kind = new KindContainer<>(KindContainerVersion.VERSION_1_32_0);
  private final Path kubeconfig;
  private final KubernetesClient client;

  KindCluster() {
    kind.start();
    try {
      kubeconfig = Files.createTempFile("kind", ".kubeconfig");
      Files.writeString(kubeconfig, kind.getKubeconfig());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
            .build();
  }

  /** Whether a Docker engine answers. */
  static boolean isPossible() {
    return DockerClientFactory.instance().isDockerAvailable();
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
  public void load(List<Path> archives) {
    for (Path archive : archives) {
      String inside = "/root/" + archive.getFileName();
      kind.copyFileToContainer(MountableFile.forHostPath(archive), inside);
      onNode("ctr", "-n", "k8s.io", "images", "import", inside);
    }
  }

  @Override
  public void kill(String containerId) {
    onNode("ctr", "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL", containerId);
  }

  private void onNode(String... command) {
    try {
      Container.ExecResult result = kind.execInContainer(command);
      if (result.getExitCode() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + result.getStderr());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(String.join(" ", command) + " was interrupted", e);
    }
  }

  @Override
  public OutsideHost outside(String name, String address) {
    throw new IllegalStateException(
        "A host outside of a kind cluster has no address of its own in the cluster; run this test with -Dcluster=testbed");
  }

  @Override
  public void close() {
    client.close();
    kind.stop();
  }
}
