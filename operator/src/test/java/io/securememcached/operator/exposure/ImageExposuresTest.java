package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Test;

class ImageExposuresTest {

  private static final String IMAGE = "registry.example/memcached:1.4.15-centos7";

  @Test
  void findsAnotherImageThanTheWantedOne() {
    TestingCluster cluster =
        TestingCluster.create().server(server -> server.setImage("evil.example/memcached:1"));
    assertThat(cluster.audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.CHANGED_IMAGE);
              assertThat(found.object()).isEqualTo("Pod sessions-0");
              assertThat(found.detail())
                  .startsWith("runs evil.example/memcached:1 instead of " + IMAGE + ";");
            });

    // A change without a restart makes another revision, not another image.
    cluster.pod(
        pod -> pod.getMetadata().getLabels().put("controller-revision-hash", "sessions-earlier"));
    assertThat(cluster.audit()).hasSize(1);
    cluster.pod(TestingCluster::earlier);
    assertThat(cluster.audit()).isEmpty();
  }

  /** A tag that was built again, as nodes have it that pulled before and after. */
  @Test
  void anotherBuildUnderTheWantedReferenceIsNoExposure() {
    TestingCluster cluster = TestingCluster.create();
    runs(cluster.pods.get(0), "a@sha256:1");
    runs(cluster.pods.get(1), "a@sha256:2");

    assertThat(cluster.audit()).isEmpty();
  }

  @Test
  void anImageThatIsStillRolledOutMayBeAnother() {
    TestingCluster cluster = TestingCluster.create();
    Pod earlier = cluster.pods.get(1);
    TestingCluster.earlier(earlier);
    earlier.getSpec().getContainers().getFirst().setImage("registry.example/memcached:0");
    runs(earlier, "a@sha256:0");

    assertThat(cluster.audit()).isEmpty();
  }

  private static void runs(Pod pod, String imageId) {
    pod.getStatus().getContainerStatuses().getFirst().setImageID(imageId);
  }
}
