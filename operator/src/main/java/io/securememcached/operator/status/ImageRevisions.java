package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.text.Quoted;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Servers that run different images under one reference: a rebuilt tag reaches only the nodes that
 * pull it afterwards, so they have different revisions of one image. A pod with another reference
 * than the requested one is a finding of the exposure audit.
 */
final class ImageRevisions {

  /** Maximum number of listed revisions and servers, as messages are limited in length. */
  private static final int MOST = 3;

  /** Characters of {@code sha256:} and 64 digits. */
  private static final int DIGEST = 71;

  private ImageRevisions() {}

  /** One sentence for each reference of which the servers run more than one revision. */
  static Optional<String> differing(List<Pod> pods) {
    Map<String, Map<String, List<String>>> references =
        pods.stream()
            .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
            .flatMap(pod -> Running.of(pod).stream())
            .collect(
                Collectors.groupingBy(
                    Running::comparable,
                    TreeMap::new,
                    Collectors.groupingBy(
                        Running::digest,
                        TreeMap::new,
                        Collectors.mapping(Running::server, Collectors.toList()))));
    String sentences =
        references.entrySet().stream()
            .filter(reference -> reference.getValue().size() > 1)
            .map(reference -> sentence(reference.getKey(), reference.getValue()))
            .collect(Collectors.joining(" "));
    return sentences.isEmpty() ? Optional.empty() : Optional.of(sentences);
  }

  private static String sentence(String reference, Map<String, List<String>> revisions) {
    return "Servers run %d different images for %s: %s."
        .formatted(
            revisions.size(),
            reference,
            shown(
                revisions.entrySet().stream()
                    .map(entry -> entry.getKey() + " on " + shown(entry.getValue()))
                    .toList()));
  }

  private static String shown(Collection<String> parts) {
    String first = parts.stream().limit(MOST).collect(Collectors.joining(", "));
    return parts.size() > MOST ? first + " and " + (parts.size() - MOST) + " more" : first;
  }

  /**
   * The image of one server.
   *
   * @param comparable its reference and its origin: a pulled image is identified by the digest of
   *     its manifest, one that was loaded on the node by that of its configuration, so only images
   *     of one origin are compared
   */
  private record Running(String server, String comparable, String digest) {

    static Optional<Running> of(Pod pod) {
      Optional<String> reference = ActualServers.container(pod.getSpec()).map(Container::getImage);
      return reference.flatMap(
          image ->
              imageId(pod)
                  .map(
                      id ->
                          new Running(
                              pod.getMetadata().getName(),
                              Quoted.of(image) + (id.contains("@") ? "" : ", loaded on the nodes"),
                              digest(id))));
    }

    private static String digest(String imageId) {
      return Quoted.printable(imageId.substring(imageId.indexOf('@') + 1), DIGEST);
    }

    /** The image that the container runtime reports; none before it is pulled. */
    private static Optional<String> imageId(Pod pod) {
      return Stream.ofNullable(pod.getStatus())
          .flatMap(status -> status.getContainerStatuses().stream())
          .filter(container -> Servers.CONTAINER_NAME.equals(container.getName()))
          .map(ContainerStatus::getImageID)
          .filter(id -> id != null && !id.isEmpty())
          .findFirst();
    }
  }
}
