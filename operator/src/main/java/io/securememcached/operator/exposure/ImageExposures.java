package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.resource.ActualServers;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Servers whose pod has another image reference than its template, see {@link Rollout#expected}.
 * Different builds under one reference are no exposure: a rebuilt tag looks like that, and
 * condition ImageSupported reports it.
 */
final class ImageExposures {

  private ImageExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    Rollout rollout = Rollout.of(observed);
    return observed.serverPods().stream()
        .flatMap(
            pod ->
                rollout
                    .expected(observed, pod)
                    .map(Container::getImage)
                    .flatMap(
                        wanted ->
                            image(pod)
                                .filter(image -> !image.equals(wanted))
                                .map(image -> exposure(pod, image, wanted)))
                    .stream());
  }

  private static Optional<String> image(Pod pod) {
    return ActualServers.container(pod.getSpec()).map(Container::getImage);
  }

  private static Exposure exposure(Pod pod, String image, String wanted) {
    return new Exposure(
        Kind.CHANGED_IMAGE,
        "Pod " + pod.getMetadata().getName(),
        "runs "
            + image
            + " instead of "
            + wanted
            + "; if a webhook rewrites images to a mirror, set spec.image.reference to the mirror, else find what changed it and delete the pod");
  }
}
