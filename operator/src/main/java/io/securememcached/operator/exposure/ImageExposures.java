package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.resource.ActualServers;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Servers whose pod has another image reference than the requested one. Different builds under one
 * reference are no exposure: a rebuilt tag looks like that, and condition ImageSupported reports
 * it.
 */
final class ImageExposures {

  private ImageExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    Rollout rollout = Rollout.of(observed);
    String wanted = Rollout.wanted(observed.desiredServers()).getImage();
    return observed.serverPods().stream()
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
                                    + " instead of "
                                    + wanted
                                    + "; if a webhook rewrites images to a mirror, set spec.image.reference to the mirror, else find what changed it and delete the pod"))
                    .stream());
  }

  private static Optional<String> image(Pod pod) {
    return ActualServers.container(pod.getSpec()).map(Container::getImage);
  }

  private static Exposure exposure(Pod pod, String detail) {
    return new Exposure(Kind.CHANGED_IMAGE, "Pod " + pod.getMetadata().getName(), detail);
  }
}
