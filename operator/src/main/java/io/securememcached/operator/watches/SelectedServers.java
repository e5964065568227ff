package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Labels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An index of policies and Services by the resource whose servers they select, so that the audit of
 * one resource costs the same however many others its namespace has.
 *
 * <p>A selector that asks for {@link Labels#SERVER_OF} with one value selects no pod with another
 * one. Owners and names are no criteria: anyone who may create a policy can choose them.
 */
final class SelectedServers {

  static final String INDEX = "selected-servers";

  /** No name of a resource. */
  private static final String ANY = "*";

  private SelectedServers() {}

  /** The key of a policy or a Service, for the index of an informer. */
  static List<String> keys(HasMetadata object) {
    return List.of(
        key(
            object.getMetadata().getNamespace(),
            wanted(object).map(labels -> labels.get(Labels.SERVER_OF)).orElse(ANY)));
  }

  /**
   * The keys of all that may select servers of a resource.
   *
   * @param pods pods with the servers' label; one may have the label of another resource
   */
  static Set<String> keys(SecureMemcached primary, List<Pod> pods) {
    String namespace = primary.getMetadata().getNamespace();
    return Stream.concat(
            Stream.of(ANY, primary.getMetadata().getName()),
            pods.stream()
                .flatMap(pod -> Stream.ofNullable(pod.getMetadata().getLabels()))
                .flatMap(labels -> Stream.ofNullable(labels.get(Labels.SERVER_OF))))
        .map(name -> key(namespace, name))
        .collect(Collectors.toSet());
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** The labels that a pod must have to be selected; empty where that is not known. */
  private static Optional<Map<String, String>> wanted(HasMetadata object) {
    return switch (object) {
      case NetworkPolicy policy ->
          Optional.ofNullable(policy.getSpec())
              .flatMap(spec -> Optional.ofNullable(spec.getPodSelector()))
              .flatMap(selector -> Optional.ofNullable(selector.getMatchLabels()));
      case Service service ->
          Optional.ofNullable(service.getSpec())
              .flatMap(spec -> Optional.ofNullable(spec.getSelector()));
      default -> Optional.empty();
    };
  }
}
