package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                  .startsWith("runs evil.example/memcached:1 and not " + IMAGE + ";");
            });

    cluster.pod(
        pod -> pod.getMetadata().getLabels().put("controller-revision-hash", "sessions-earlier"));
    assertThat(cluster.audit()).isEmpty();
  }

  /** What the nodes of the first and the second server say they run. */
  @ParameterizedTest
  @CsvSource({
    "a@sha256:1, a@sha256:2, true",
    "docker-pullable://a@sha256:1, a@sha256:2, true",
    "sha256:1, sha256:2, true",
    "a@sha256:1, a@sha256:1, false",
    // The same image from a mirror.
    "a@sha256:1, mirror/a@sha256:1, false",
    "sha256:1, sha256:1, false",
    // Loaded on one node, pulled on the other: the digests are of different things.
    "sha256:1, a@sha256:2, false",
    "a@sha256:1, '', false",
    ", a@sha256:1, false"
  })
  void findsTwoImagesUnderOneReference(String first, String second, boolean isFinding) {
    TestingCluster cluster = TestingCluster.create();
    runs(cluster.pods.get(0), first);
    runs(cluster.pods.get(1), second);

    assertThat(cluster.audit())
        .extracting(found -> found.object() + " " + found.detail().split(";")[0])
        .isEqualTo(
            isFinding
                ? List.of(
                    "Pod sessions-1 runs sha256:2 under "
                        + IMAGE
                        + ", and sessions-0 runs sha256:1")
                : List.of());
  }

  @Test
  void anImageThatIsStillRolledOutMayBeAnother() {
    TestingCluster cluster = TestingCluster.create();
    Pod earlier = cluster.pods.get(1);
    earlier.getMetadata().getLabels().put("controller-revision-hash", "sessions-earlier");
    earlier.getSpec().getContainers().getFirst().setImage("registry.example/memcached:0");
    runs(earlier, "a@sha256:0");

    assertThat(cluster.audit()).isEmpty();
  }

  /** A sidecar's image says nothing of the server's; it is another finding. */
  @Test
  void asksForTheServersContainerOnly() {
    TestingCluster cluster = TestingCluster.create();
    for (Pod pod : cluster.pods) {
      pod.getStatus()
          .getContainerStatuses()
          .addFirst(
              new ContainerStatusBuilder()
                  .withName("other")
                  .withImageID("x@sha256:" + pod.getMetadata().getName())
                  .build());
    }
    assertThat(cluster.audit()).isEmpty();
  }

  private static void runs(Pod pod, String imageId) {
    pod.getStatus().getContainerStatuses().getFirst().setImageID(imageId);
  }
}
