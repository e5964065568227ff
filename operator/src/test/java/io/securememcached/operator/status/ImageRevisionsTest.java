package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageRevisionsTest {

  private static final String IMAGE = "registry.example/memcached:1";

  /** What the nodes of the first and the second server say they run. */
  @ParameterizedTest
  @CsvSource({
    "a@sha256:1, a@sha256:2, true",
    "docker-pullable://a@sha256:1, a@sha256:2, true",
    "a@sha256:1, a@sha256:1, false",
    // The same image from a mirror.
    "a@sha256:1, mirror/a@sha256:1, false",
    "sha256:1, sha256:1, false",
    // Loaded on one node, pulled on the other: the digests are of different things.
    "sha256:1, a@sha256:2, false",
    "a@sha256:1, '', false",
    ", a@sha256:1, false"
  })
  void tellsTwoRevisionsOfOneReference(String first, String second, boolean differ) {
    assertThat(
            ImageRevisions.differing(List.of(pod(1, IMAGE, second), pod(0, IMAGE, first)))
                .orElse(""))
        .isEqualTo(
            differ
                ? "Servers run 2 different images for %s: sha256:1 on sessions-0, sha256:2 on sessions-1."
                    .formatted(IMAGE)
                : "");
  }

  @Test
  void tellsTwoRevisionsThatWereLoadedOnTheNodes() {
    assertThat(
            ImageRevisions.differing(List.of(pod(0, IMAGE, "sha256:1"), pod(1, IMAGE, "sha256:2"))))
        .contains(
            "Servers run 2 different images for %s, loaded on the nodes: sha256:1 on sessions-0, sha256:2 on sessions-1."
                .formatted(IMAGE));
  }

  @Test
  void saysNothingWhileAnotherReferenceIsRolledOut() {
    assertThat(
            ImageRevisions.differing(
                List.of(
                    pod(0, IMAGE, "a@sha256:1"),
                    pod(1, "registry.example/memcached:2", "a@sha256:2"))))
        .isEmpty();
  }

  @Test
  void namesAFewOfMany() {
    List<Pod> pods =
        IntStream.range(0, 100)
            .mapToObj(ordinal -> pod(ordinal, IMAGE, "a@sha256:" + ordinal % 2 + "f".repeat(5000)))
            .toList();

    assertThat(ImageRevisions.differing(pods).orElseThrow())
        .startsWith("Servers run 2 different images for " + IMAGE)
        .contains(" on sessions-0, sessions-10, sessions-12 and 47 more")
        .hasSizeLessThan(400);
  }

  /** A sidecar's image says nothing of the server's. */
  @Test
  void looksAtTheServersContainerOnly() {
    List<Pod> pods = List.of(pod(0, IMAGE, "a@sha256:1"), pod(1, IMAGE, "a@sha256:1"));
    for (Pod pod : pods) {
      pod.getStatus()
          .getContainerStatuses()
          .addFirst(
              new ContainerStatusBuilder()
                  .withName("other")
                  .withImageID("x@sha256:" + pod.getMetadata().getName())
                  .build());
    }
    assertThat(ImageRevisions.differing(pods)).isEmpty();
  }

  private static Pod pod(int ordinal, String image, String imageId) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("sessions-" + ordinal)
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .withImage(image)
        .endContainer()
        .endSpec()
        .withNewStatus()
        .addNewContainerStatus()
        .withName("memcached")
        .withImageID(imageId)
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
