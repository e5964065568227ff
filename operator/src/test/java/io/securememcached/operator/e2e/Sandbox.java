package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A namespace for one test class, under the restricted Pod Security profile; it goes when the test
 * ends.
 */
final class Sandbox implements AutoCloseable {

  /** Image of the client pods: it has libmemcached's tools. */
  static final String CLIENT_IMAGE =
      System.getProperty("images.memcached", "ghcr.io/securememcached/memcached:1.6.18-debian12");

  /** The longest that a change may take to be seen; a failed wait says what was there instead. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Installation installation;
  private final KubernetesClient client;
  private final String namespace;

  Sandbox(Cluster cluster, Installation installation, String namespace) {
    this.installation = installation;
    this.client = cluster.client();
    this.namespace = namespace;
    Namespace desired =
        new NamespaceBuilder()
            .withNewMetadata()
            .withName(namespace)
            .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
            .endMetadata()
            .build();
    client.namespaces().resource(desired).delete();
    client
        .namespaces()
        .withName(namespace)
        .waitUntilCondition(gone -> gone == null, 2, TimeUnit.MINUTES);
    client.namespaces().resource(desired).create();
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  /** Creates or changes a resource, as {@code kubectl apply} does. */
  SecureMemcached apply(String yaml) {
    SecureMemcached resource = Serialization.unmarshal(yaml, SecureMemcached.class);
    return client
        .resources(SecureMemcached.class)
        .inNamespace(namespace)
        .resource(resource)
        .forceConflicts()
        .serverSideApply();
  }

  /** The resource as it is now. */
  SecureMemcached get(String name) {
    return client.resources(SecureMemcached.class).inNamespace(namespace).withName(name).get();
  }

  /** Waits until the resource is Ready in its newest generation. */
  SecureMemcached awaitReady(String name) {
    return await(
        name,
        resource ->
            resource.getMetadata().getGeneration().equals(resource.getStatus().observedGeneration())
                && resource.getStatus().conditions().stream()
                    .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True")));
  }

  /** Waits until the resource is as wanted. */
  SecureMemcached await(String name, Predicate<SecureMemcached> wanted) {
    return client
        .resources(SecureMemcached.class)
        .inNamespace(namespace)
        .withName(name)
        .waitUntilCondition(
            resource -> resource != null && wanted.test(resource),
            PATIENCE.toSeconds(),
            TimeUnit.SECONDS);
  }

  /** A value of a Secret. */
  String secret(String name, String key) {
    Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
    return new String(
        Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
  }

  /** Starts a pod that does nothing, to run commands in, and waits until it is there. */
  void startClient(String name, Map<String, String> labels) {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .withLabels(labels)
            .endMetadata()
            .withNewSpec()
            .withNewSecurityContext()
            .withRunAsNonRoot(true)
            .withRunAsUser(65532L)
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .endSecurityContext()
            .withTerminationGracePeriodSeconds(0L)
            .addNewContainer()
            .withName("client")
            .withImage(CLIENT_IMAGE)
            .withImagePullPolicy("IfNotPresent")
            .withCommand("sleep", "infinity")
            .withNewSecurityContext()
            .withAllowPrivilegeEscalation(false)
            .withNewCapabilities()
            .withDrop("ALL")
            .endCapabilities()
            .endSecurityContext()
            .endContainer()
            .endSpec()
            .build();
    client.resource(pod).create();
    client
        .pods()
        .inNamespace(namespace)
        .withName(name)
        .waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Runs a command in a pod. */
  Shell.Result exec(String pod, String... command) {
    List<String> all = new ArrayList<>(List.of("exec", "-n", namespace, pod, "--"));
    all.addAll(List.of(command));
    return installation.kubectl(all.toArray(String[]::new));
  }

  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
    client
        .namespaces()
        .withName(namespace)
        .waitUntilCondition(gone -> gone == null, PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
