package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A cluster that is there, by the name of its context. Its nodes pull the images themselves. */
final class ExistingCluster implements Cluster {

  private final Path kubeconfig;
  private final KubernetesClient client;

  private ExistingCluster(Path kubeconfig, String context) {
    this.kubeconfig = kubeconfig;
    this.client = new KubernetesClientBuilder().withConfig(Config.autoConfigure(context)).build();
  }

  static ExistingCluster fromProperties() {
    String context = System.getProperty("cluster.context", "");
    Path kubeconfig =
        Path.of(
            Optional.ofNullable(System.getenv("KUBECONFIG"))
                .orElse(System.getProperty("user.home") + "/.kube/config"));
    NamedContext current = Config.fromKubeconfig(kubeconfig.toFile()).getCurrentContext();
    if (context.isEmpty() || current == null || !context.equals(current.getName())) {
      throw new IllegalArgumentException(
          "-Dcluster=existing also needs -Dcluster.context with the name of the current context of "
              + kubeconfig
              + (current == null ? "" : " (" + current.getName() + ")")
              + ", so that no test runs on the wrong cluster");
    }
    return new ExistingCluster(kubeconfig, context);
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
    throw new IllegalStateException(
        "Images can't be loaded into an existing cluster: its nodes need those that the chart"
            + " names");
  }

  @Override
  public OutsideHost outside(String name, String address) {
    throw new IllegalStateException(
        "Hosts outside of the cluster can't be made for an existing cluster; run this test with"
            + " -Dcluster=testbed");
  }

  @Override
  public void kill(String containerId) {
    throw new IllegalStateException(
        "There is no way to kill a container of an existing cluster; run this test with"
            + " -Dcluster=testbed");
  }

  @Override
  public void close() {
    client.close();
  }
}
