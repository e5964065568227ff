package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.securememcached.operator.api.v1beta1.ExposingAnnotations;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Annotations that expose the servers' pods, or a Service that selects them, elsewhere. The
 * operator never sets one, and its server-side apply leaves foreign ones in place.
 */
final class AnnotationExposures {

  private AnnotationExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    Set<String> services =
        Stream.concat(observed.ownServices().stream(), ServiceExposures.leading(observed))
            .collect(Collectors.toSet());
    Stream<Service> leading =
        observed.foreign().services().stream()
            .filter(observed::isInNamespace)
            .filter(service -> services.contains(service.getMetadata().getName()));
    return Stream.concat(
        observed.serverPods().stream().flatMap(AnnotationExposures::exposure),
        leading.flatMap(AnnotationExposures::exposure));
  }

  private static Stream<Exposure> exposure(HasMetadata object) {
    Map<String, String> annotations =
        Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
    Set<String> keys =
        annotations.keySet().stream()
            .filter(ExposingAnnotations::isOne)
            .collect(Collectors.toCollection(TreeSet::new));
    return keys.isEmpty()
        ? Stream.of()
        : Stream.of(
            new Exposure(
                Kind.EXPOSING_ANNOTATION,
                object.getKind() + " " + object.getMetadata().getName(),
                "is annotated with "
                    + String.join(" and ", keys)
                    + (object instanceof Pod
                        ? ", attaching it to another address or network; find the admission webhook or user that adds the annotation, and delete the pod"
                        : ", publishing the servers elsewhere; remove the annotation")));
  }
}
