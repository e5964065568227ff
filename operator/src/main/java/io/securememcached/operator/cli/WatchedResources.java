package io.securememcached.operator.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.config.OperatorConfig;
import java.util.Optional;

/** The resources that this operator manages. */
final class WatchedResources {

  private final KubernetesClient client;
  private final OperatorConfig config;

  WatchedResources(KubernetesClient client, OperatorConfig config) {
    this.client = client;
    this.config = config;
  }

  /**
   * A resource, if it exists.
   *
   * @throws IllegalArgumentException if this operator does not manage it; the message says what to
   *     do
   */
  Optional<SecureMemcached> find(String namespace, String name) {
    if (!config.watchNamespaces().isEmpty() && !config.watchNamespaces().contains(namespace)) {
      throw new IllegalArgumentException(
          "This operator does not watch namespace %s (watched: %s). Select another operator with --operator-namespace."
              .formatted(namespace, String.join(", ", config.watchNamespaces())));
    }
    // A list, as the operator has no permission to get.
    return client
        .resources(SecureMemcached.class)
        .inNamespace(namespace)
        .withField("metadata.name", name)
        .list()
        .getItems()
        .stream()
        .findFirst();
  }
}
