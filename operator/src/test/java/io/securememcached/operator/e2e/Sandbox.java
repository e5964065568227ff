package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.testing.KubectlYaml;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/**
 * A namespace for one test class, under the restricted Pod Security profile; it goes when the test
 * ends.
 */
final class Sandbox implements AutoCloseable {

  /** The longest that a change may take to be seen; a failed wait says what was there instead. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

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
        .waitUntilCondition(gone -> gone == null, PATIENCE.toSeconds(), TimeUnit.SECONDS);
    client.namespaces().resource(desired).create();
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  Installation installation() {
    return installation;
  }

  /** Creates or changes a resource, as {@code kubectl apply} does. */
  SecureMemcached apply(String yaml) {
    SecureMemcached resource =
        Serialization.unmarshal(KubectlYaml.json(yaml), SecureMemcached.class);
    return client
        .resources(SecureMemcached.class)
        .inNamespace(namespace)
        .resource(resource)
        .forceConflicts()
        .serverSideApply();
  }

  /**
   * Creates or changes a resource that runs the image of this run.
   *
   * @param spec in YAML, without indentation
   */
  SecureMemcached apply(String name, String spec) {
    return apply(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata:
          name: %s
        spec:
          image:
            flavor: %s
        %s"""
            .formatted(name, TestedFlavor.NAME, spec.indent(2)));
  }

  /** Deletes a resource, as {@code kubectl delete} does. */
  void delete(String name) {
    client.resources(SecureMemcached.class).inNamespace(namespace).withName(name).delete();
  }

  /** Deletes a resource and lets its children stay, as {@code --cascade=orphan} does. */
  void deleteAlone(String name) {
    client
        .resources(SecureMemcached.class)
        .inNamespace(namespace)
        .withName(name)
        .withPropagationPolicy(DeletionPropagation.ORPHAN)
        .delete();
  }

  /**
   * Sets an annotation of a resource, over another value.
   *
   * @param annotation such as "key=value"; "key-" removes it
   */
  void annotate(String name, String annotation) {
    installation.kubectl("annotate", "--overwrite", "-n", namespace, "smc/" + name, annotation);
  }

  /**
   * When and how a field manager wrote a resource, but for its status. By kubectl, as {@link
   * SecureMemcached} is read without its managed fields.
   */
  List<String> writesOf(String manager, String name) {
    String resource =
        installation.kubectl(
            "get", "-n", namespace, "smc/" + name, "--output=json", "--show-managed-fields");
    return Serialization.unmarshal(resource, JsonNode.class)
        .at("/metadata/managedFields")
        .valueStream()
        .filter(entry -> entry.at("/manager").asText().equals(manager))
        .filter(entry -> entry.at("/subresource").isMissingNode())
        .map(entry -> entry.at("/operation").asText() + " " + entry.at("/time").asText())
        .toList();
  }

  /** The resource as it is now. */
  SecureMemcached get(String name) {
    return client.resources(SecureMemcached.class).inNamespace(namespace).withName(name).get();
  }

  /** Waits until the resource is Ready in its newest generation. */
  SecureMemcached awaitReady(String name) {
    return await(name, resource -> isCondition(resource, "Ready", "True"));
  }

  /** Waits until the resource is not Ready for a reason. */
  SecureMemcached awaitReason(String name, String reason) {
    return await(
        name,
        resource ->
            isCondition(resource, "Ready", "False")
                && resource.getStatus().conditions().stream()
                    .anyMatch(c -> c.getType().equals("Ready") && c.getReason().equals(reason)));
  }

  private static boolean isCondition(SecureMemcached resource, String type, String status) {
    return resource.getMetadata().getGeneration().equals(resource.getStatus().observedGeneration())
        && resource.getStatus().conditions().stream()
            .anyMatch(c -> c.getType().equals(type) && c.getStatus().equals(status));
  }

  /** Waits until the resource is as wanted. */
  SecureMemcached await(String name, Predicate<SecureMemcached> wanted) {
    try {
      return client
          .resources(SecureMemcached.class)
          .inNamespace(namespace)
          .withName(name)
          .waitUntilCondition(
              resource -> resource != null && wanted.test(resource),
              PATIENCE.toSeconds(),
              TimeUnit.SECONDS);
    } catch (KubernetesClientTimeoutException e) {
      SecureMemcached last = get(name);
      throw new AssertionError(
          "In vain waited for " + name + "; it is " + (last == null ? null : last.getStatus()), e);
    }
  }

  /** Waits until all assertions hold. */
  static void eventually(String what, Runnable assertions) {
    Awaitility.await(what).atMost(PATIENCE).pollInterval(LOOK_AGAIN).untilAsserted(assertions::run);
  }

  /** Waits until connections from a place end as expected: policies take effect with a delay. */
  static void awaitReach(Place place, Server server, Place.Reach expected) {
    eventually(
        "connections to " + server.pod(),
        () -> assertThat(place.reach(server)).isEqualTo(expected));
  }

  /**
   * A Secret's keys, read at once: between two requests a rotation may write it, and a name does
   * not go with the other one's password.
   */
  Map<String, String> secret(String name) {
    Map<String, String> values = new TreeMap<>();
    client
        .secrets()
        .inNamespace(namespace)
        .withName(name)
        .get()
        .getData()
        .forEach(
            (key, value) ->
                values.put(
                    key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
    return values;
  }

  /**
   * Waits until a Secret has the login of another user.
   *
   * @param user the one it had
   * @return its keys then
   */
  Map<String, String> awaitOtherLogin(String secret, String user) {
    eventually(
        "another login", () -> assertThat(secret(secret).get("username")).isNotEqualTo(user));
    return secret(secret);
  }

  /** A server of a resource, with the login that the Secret holds. */
  Server server(String pod, String credentials) {
    Map<String, String> secret = secret(credentials);
    return new Server(
        pod,
        pod(pod).getStatus().getPodIP(),
        Integer.parseInt(secret.get("port")),
        new PlainCredentials(secret.get("username"), secret.get("password")));
  }

  /** A pod as it is now. */
  Pod pod(String name) {
    return client.pods().inNamespace(namespace).withName(name).get();
  }

  /** Waits until a pod is ready. */
  Pod awaitPod(String name) {
    return client
        .pods()
        .inNamespace(namespace)
        .withName(name)
        .waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Deletes a server's pod, and waits until the next of its name is ready. */
  void replace(String name) {
    replaceUnproven(name);
    awaitPod(name);
  }

  /** Deletes a server's pod, and waits until the next of its name has started. */
  void replaceUnproven(String name) {
    Pod before = pod(name);
    client.resource(before).delete();
    eventually(
        "the next " + name,
        () ->
            assertThat(client.pods().inNamespace(namespace).list().getItems())
                .anySatisfy(
                    pod -> {
                      assertThat(pod.getMetadata().getName()).isEqualTo(name);
                      assertThat(pod.getMetadata().getUid())
                          .isNotEqualTo(before.getMetadata().getUid());
                      assertThat(pod.getStatus().getConditions())
                          .anyMatch(
                              condition ->
                                  condition.getType().equals("ContainersReady")
                                      && condition.getStatus().equals("True"));
                    }));
  }

  /** Starts a pod that does nothing, to connect from. */
  Place client(String name, Map<String, String> labels) {
    Pod pod = BarePods.pod(name, labels).build();
    pod.getSpec().getContainers().getFirst().setCommand(List.of("sleep", "infinity"));
    client.pods().inNamespace(namespace).resource(pod).create();
    awaitPod(name);
    return in(name);
  }

  /** The inside of a pod. */
  Place in(String pod) {
    return new Place() {
      @Override
      public Shell.Result run(String... command) {
        return installation.tryKubectl(exec(false, command));
      }

      @Override
      public Process start(String... command) {
        return installation.startKubectl(exec(true, command));
      }

      private String[] exec(boolean withInput, String... command) {
        List<String> all = new ArrayList<>(List.of("exec", "-n", namespace, pod));
        if (withInput) {
          all.add("-i");
        }
        all.add("--");
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
      }
    };
  }

  /** Starts to take the namespace away; the next sandbox of this name waits for the end. */
  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
  }
}
