package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;

/**
 * A whole cluster with a network plugin that enforces policies.
 *
 * <p>Chosen by {@code -Dcluster=}: {@code existing} (the context named by {@code
 * -Dcluster.context}, never the current one by accident), {@code kind} (through Testcontainers,
 * where Docker runs privileged containers), {@code testbed} (the project's own one-node cluster).
 * Without it: kind where Docker answers, else the testbed. A cluster that can't be had is an error,
 * never a skip.
 */
interface Cluster extends AutoCloseable {

  /** A client with all rights. */
  KubernetesClient client();

  /** File for kubectl and helm, with the right context as its current one. */
  Path kubeconfig();

  /** Makes images of these archives known to the nodes. */
  void load(List<Path> archives);

  /** A host that is not part of the cluster, with an address that pods see as it is. */
  OutsideHost outside(String name, String address);

  /** Folder of kubectl and helm; empty when they are on the PATH. */
  default List<Path> tools() {
    return List.of();
  }

  @Override
  void close();

  /** The cluster that the system properties ask for. */
  static Cluster obtain() {
    String kind = System.getProperty("cluster", "");
    return switch (kind) {
      case "existing" -> ExistingCluster.fromProperties();
      case "kind" -> new KindCluster();
      case "testbed" -> new TestbedCluster();
      case "" -> KindCluster.isPossible() ? new KindCluster() : new TestbedCluster();
      default ->
          throw new IllegalArgumentException(
              "-Dcluster=" + kind + ": write existing, kind or testbed");
    };
  }

  /** Ends a container as {@code kill -9} of its first process does. */
  void kill(String containerId);

  /** As the container runtime knows the first container of a pod. */
  static String containerId(Pod pod) {
    String id = pod.getStatus().getContainerStatuses().getFirst().getContainerID();
    return id.substring(id.indexOf("://") + 3);
  }

  /** A host outside of the cluster. */
  interface OutsideHost extends Place, AutoCloseable {

    @Override
    void close();
  }
}
