package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.resource.Servers;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Servers that run another image than the wanted one, or not the same as the others. */
final class ImageExposures {

  private ImageExposures() {}

  static Stream<Exposure> of(Observed observed) {
    List<Pod> pods =
        observed.serverPods().stream()
            .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
            .toList();
    return Stream.concat(references(observed, pods), digests(pods));
  }

  private static Stream<Exposure> references(Observed observed, List<Pod> pods) {
    Rollout rollout = Rollout.of(observed);
    String wanted = Rollout.wanted(observed.desiredServers()).getImage();
    return pods.stream()
        .filter(rollout::hasReached)
        .flatMap(
            pod ->
                image(pod)
                    .filter(image -> !image.equals(wanted))
                    .map(
                        image ->
                            exposure(
                                pod,
                                "runs "
                                    + image
                                    + " and not "
                                    + wanted
                                    + "; if a webhook points images to a mirror, write the mirror into image.reference, else find who changed it and delete the pod"))
                    .stream());
  }

  /** One reference, two images: a tag was moved, or a node's image was replaced. */
  private static Stream<Exposure> digests(List<Pod> pods) {
    Map<String, Pod> firsts = new HashMap<>();
    return pods.stream()
        .filter(pod -> image(pod).isPresent() && digest(pod).isPresent())
        .flatMap(
            pod -> {
              String image = image(pod).orElseThrow();
              String digest = digest(pod).orElseThrow();
              Pod first = firsts.computeIfAbsent(image + form(pod), key -> pod);
              return digest(first).orElseThrow().equals(digest)
                  ? Stream.of()
                  : Stream.of(
                      exposure(
                          pod,
                          "runs "
                              + digest
                              + " under "
                              + image
                              + ", and "
                              + first.getMetadata().getName()
                              + " runs "
                              + digest(first).orElseThrow()
                              + "; write the right digest into image.reference, as registry/name@sha256:digest"));
            });
  }

  private static Optional<String> image(Pod pod) {
    return ServerPods.server(pod.getSpec()).map(Container::getImage);
  }

  private static Optional<String> digest(Pod pod) {
    return imageId(pod).map(id -> id.substring(id.indexOf('@') + 1));
  }

  /**
   * An image that was pulled is told by the digest of its manifest, one that was loaded on the node
   * by that of its configuration: the same image has both, so only like is compared with like.
   */
  private static String form(Pod pod) {
    return imageId(pod).orElse("").contains("@") ? " pulled" : " loaded";
  }

  /** The image that the node's runtime says it runs; none before it has pulled it. */
  private static Optional<String> imageId(Pod pod) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getContainerStatuses().stream())
        .filter(container -> container.getName().equals(Servers.PORT_NAME))
        .map(ContainerStatus::getImageID)
        .filter(id -> id != null && !id.isEmpty())
        .findFirst();
  }

  private static Exposure exposure(Pod pod, String detail) {
    return new Exposure(Kind.CHANGED_IMAGE, "Pod " + pod.getMetadata().getName(), detail);
  }
}
