package io.securememcached.operator.testing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Conditions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;

/** A namespace on the API server, with an operator or without one. */
public final class Scene implements AutoCloseable {

  /** Far more than the operator needs, for a machine that is busy with other things. */
  public static final Duration DEADLINE = Duration.ofSeconds(20);

  static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          NetworkPolicy.class,
          Secret.class,
          ServiceAccount.class,
          Service.class,
          StatefulSet.class,
          PodDisruptionBudget.class);

  public final KubernetesClient client;
  public final String namespace;
  private final ApiServer server;
  private TestingOperator operator;

  private Scene(ApiServer server, String namespace) {
    this.server = server;
    this.client = server.client();
    this.namespace = namespace;
  }

  /** A fresh namespace in which nobody acts. */
  public static Scene quiet(ApiServer server) {
    return new Scene(server, server.newNamespace());
  }

  /** A fresh namespace with a name of the test's own, in which nobody acts. */
  public static Scene quiet(ApiServer server, String namespace) {
    return new Scene(server, server.newNamespace(namespace));
  }

  /** A fresh namespace with an operator. */
  public static Scene operated(ApiServer server) {
    Scene scene = quiet(server);
    scene.startOperator();
    return scene;
  }

  public void startOperator() {
    startOperator(request -> {});
  }

  /** Starts an operator and runs something before each of its requests. */
  public void startOperator(Consumer<String> beforeRequest) {
    operator = TestingOperator.start(server, namespace, beforeRequest);
  }

  /** Starts an operator with settings of its own, as environment variables. */
  public void startOperator(Map<String, String> settings) {
    operator = TestingOperator.start(server, namespace, settings);
  }

  public void stopOperator() {
    operator.close();
    operator = null;
  }

  /**
   * What the StatefulSet controller does, of which there is none: it has seen the object as it is,
   * and the pods have its latest template. It needs no version, as the operator writes meanwhile.
   */
  public void observeStatefulSet(String name) {
    var set = child(StatefulSet.class, name);
    set.subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"status\": {\"replicas\": 1, \"observedGeneration\": %d, \"updateRevision\": \"now\"}}"
                .formatted(set.get().getMetadata().getGeneration()));
  }

  public TestingOperator operator() {
    return requireNonNull(operator, "no operator runs");
  }

  @Override
  public void close() {
    if (operator != null) {
      operator.close();
    }
  }

  public static ConditionFactory soon() {
    return await().atMost(DEADLINE).pollInterval(Duration.ofMillis(50));
  }

  /**
   * Creates a resource.
   *
   * @param spec as YAML
   */
  public SecureMemcached create(String name, String spec) {
    SecureMemcached resource = new SecureMemcached();
    resource.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    resource.setSpec(spec(spec));
    return client.resource(resource).create();
  }

  /** Creates a resource and waits until the operator has worked on it. */
  public SecureMemcached createAndSettle(String name, String spec) {
    create(name, spec);
    return settled(name);
  }

  /** Replaces the spec of a resource and waits until the operator has worked on it. */
  public SecureMemcached change(String name, String spec) {
    edit(name, spec);
    return settled(name);
  }

  /** Replaces the spec of a resource. */
  public void edit(String name, String spec) {
    patch(
        name,
        PatchType.JSON,
        List.of(Map.of("op", "replace", "path", "/spec", "value", spec(spec))));
  }

  /** Annotates a resource, as {@code kubectl annotate --overwrite} does. */
  public void annotate(String name, String key, String value) {
    patch(
        name, PatchType.JSON_MERGE, Map.of("metadata", Map.of("annotations", Map.of(key, value))));
  }

  /** Without a version: the operator may write the status at the same moment. */
  private void patch(String name, PatchType type, Object patch) {
    resource(name).patch(PatchContext.of(type), Serialization.asJson(patch));
  }

  private static SecureMemcachedSpec spec(String yaml) {
    return Serialization.unmarshal(KubectlYaml.json(yaml), SecureMemcachedSpec.class);
  }

  public Resource<SecureMemcached> resource(String name) {
    return client.resources(SecureMemcached.class).inNamespace(namespace).withName(name);
  }

  public <T extends HasMetadata> Resource<T> child(Class<T> kind, String name) {
    return client.resources(kind).inNamespace(namespace).withName(name);
  }

  /** The resource, once its status is about its spec as it is. */
  public SecureMemcached settled(String name) {
    return soon()
        .until(
            () -> resource(name).get(),
            seen ->
                seen.getStatus().observedGeneration().equals(seen.getMetadata().getGeneration()));
  }

  /** The condition of a resource, once it has a reason. */
  public Condition condition(String name, String type, String reason) {
    return soon()
        .until(
            () -> Conditions.find(resource(name).get().getStatus().conditions(), type),
            found -> found.isPresent() && found.get().getReason().equals(reason))
        .orElseThrow();
  }

  /** All objects of the kinds of children, whoever made them. */
  public Stream<HasMetadata> objects() {
    return KINDS.stream()
        .flatMap(kind -> client.resources(kind).inNamespace(namespace).list().getItems().stream());
  }

  /** Kind, name and version of each object and resource: equal means that nothing was written. */
  public Map<String, String> versions() {
    return Stream.concat(
            objects(),
            client
                .resources(SecureMemcached.class)
                .inNamespace(namespace)
                .list()
                .getItems()
                .stream())
        .collect(
            Collectors.toMap(
                object -> object.getKind() + " " + object.getMetadata().getName(),
                object -> object.getMetadata().getResourceVersion(),
                (one, two) -> one,
                TreeMap::new));
  }

  /** Runs what causes a pass, and waits until that pass is over. */
  public void pass(Runnable cause) {
    idle();
    int before = operator().passes();
    cause.run();
    soon().untilAsserted(() -> assertThat(operator().passes()).isGreaterThan(before));
    idle();
  }

  /** Status, reason and message of a condition as it is now, nothing without it. */
  public String conditionText(String name, String type) {
    return Conditions.find(resource(name).get().getStatus().conditions(), type)
        .map(c -> c.getStatus() + " " + c.getReason() + " " + c.getMessage())
        .orElse("");
  }

  /** Waits until events have no effect any more: two looks half a second apart see no pass. */
  public void idle() {
    int[] last = {-1};
    await()
        .atMost(DEADLINE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              int passes = operator().passes();
              boolean same = passes == last[0];
              last[0] = passes;
              return same;
            });
  }

  /** Creates or changes a Secret with a login that the resource "cache" may read, as Vault does. */
  public void provideLogin(String secret, String username, String password) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(secret)
                .addToLabels(Labels.LOGIN_FOR, "cache")
                .endMetadata()
                .withStringData(Map.of("username", username, "password", password))
                .build())
        .fieldManager("vault")
        .forceConflicts()
        .serverSideApply();
  }

  /** A value of a Secret. */
  public String value(String secret, String key) {
    return new String(
        Base64.getDecoder().decode(child(Secret.class, secret).get().getData().get(key)),
        StandardCharsets.UTF_8);
  }
}
