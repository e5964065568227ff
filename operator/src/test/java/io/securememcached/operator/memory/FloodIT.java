package io.securememcached.operator.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.leader.Lease;
import io.securememcached.operator.process.OperatorJvm;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.StartedApiServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What tenants write of each watched kind, about as large as the API server takes it, in front of
 * an operator with the heap that the chart gives it.
 *
 * <p>Its API server has nothing of other tests, and no other test has the flood to list.
 */
class FloodIT {

  /**
   * Little more than half of what the chart's default limit gives, and what
   * images/operator/jvm.args says of the collector.
   */
  private static final String[] MEMORY = {
    "-Xmx77m", "-XX:+UseSerialGC", "-XX:MaxNewSize=12m", "-XX:+ExitOnOutOfMemoryError"
  };

  /** Reading 100 MB beside a build takes its time; an operator that ends is seen at once. */
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** Less than half of the time after which a Lease that is not renewed is lost. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(4);

  /** Objects of each kind, before the operator starts and while it is paused. */
  private static final int EACH = 8;

  private static final Map<String, String> OPERATORS =
      Map.of("app.kubernetes.io/managed-by", "securememcached-operator");

  /** Annotations may have 256 KiB in all. */
  private static final String LARGE = text(250_000);

  /** Only the size of the whole object bounds the name of an owner. */
  private static final String LARGER = text(1_000_000);

  private final ApiServer server = StartedApiServer.start();
  private final KubernetesClient client = server.client();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void operatorOutlivesIt() {
    String namespace = server.newNamespace();
    secrets(namespace);
    IntStream.range(0, EACH).forEach(i -> createEachKind(namespace));
    try (OperatorJvm operator =
        OperatorJvm.start(
            server.kubeconfig(),
            Map.of(
                "WATCH_NAMESPACES", namespace,
                "OPERATOR_NAMESPACE", namespace,
                "LEADER_ELECTION", "true"),
            MEMORY)) {
      server.applyWithoutServers(namespace, "cache");
      awaitServers(namespace, "cache", operator);
      // Events bring as much as lists do, and after a pause all watches bring theirs at once.
      int created = 0;
      while (created < EACH) {
        created += createWhilePaused(namespace, EACH - created, operator);
        awaitRenewal(namespace, operator);
      }
      server.applyWithoutServers(namespace, "later");
      awaitServers(namespace, "later", operator);
    }
  }

  /**
   * Creates objects of each kind, fewer where the machine is busy: an operator that is paused for
   * too long loses its Lease.
   *
   * @return how many of each kind
   */
  private int createWhilePaused(String namespace, int most, OperatorJvm operator) {
    operator.signal("STOP");
    long begin = System.nanoTime();
    int created = 0;
    do {
      createEachKind(namespace);
      created++;
    } while (created < most && System.nanoTime() - begin < LONGEST_PAUSE.toNanos());
    operator.signal("CONT");
    return created;
  }

  private void awaitRenewal(String namespace, OperatorJvm operator) {
    var lease = client.leases().inNamespace(namespace).withName(Lease.NAME);
    ZonedDateTime before = lease.get().getSpec().getRenewTime();
    await(operator).until(() -> lease.get().getSpec().getRenewTime().isAfter(before));
  }

  private static ConditionFactory await(OperatorJvm operator) {
    return Awaitility.await()
        .atMost(DEADLINE)
        .failFast(() -> assertThat(operator.isAlive()).as("%s", operator.log()).isTrue());
  }

  private void awaitServers(String namespace, String name, OperatorJvm operator) {
    await(operator)
        .untilAsserted(
            () -> {
              assertThat(client.apps().statefulSets().inNamespace(namespace).withName(name).get())
                  .isNotNull();
              assertThat(notExposed(namespace, name)).startsWith("AuditIncomplete");
            });
  }

  private String notExposed(String namespace, String name) {
    SecureMemcached resource =
        client.resources(SecureMemcached.class).inNamespace(namespace).withName(name).get();
    return Stream.ofNullable(resource.getStatus())
        .flatMap(status -> status.conditions().stream())
        .filter(condition -> condition.getType().equals(Conditions.NOT_EXPOSED))
        .map(condition -> condition.getReason() + " " + condition.getMessage())
        .findFirst()
        .orElse("");
  }

  /** 25 of 1,000 KiB each, in the two forms that the operator's own have. */
  private void secrets(String namespace) {
    String content =
        Base64.getEncoder().encodeToString(text(1_000 * 1024).getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 25; i++) {
      client
          .resource(
              new SecretBuilder()
                  .withNewMetadata()
                  .withNamespace(namespace)
                  .withName("flood-" + i)
                  .withLabels(OPERATORS)
                  .endMetadata()
                  .withType(i % 2 == 0 ? "Opaque" : "servicebinding.io/memcached")
                  .addToData(i % 2 == 0 ? "f" : "memcached-sasldb2", content)
                  .build())
          .create();
    }
  }

  private static final List<Function<ObjectMeta, HasMetadata>> KINDS =
      List.of(
          meta ->
              new ServiceBuilder()
                  .withMetadata(meta)
                  .withNewSpec()
                  .addNewPort()
                  .withPort(80)
                  .endPort()
                  .endSpec()
                  .build(),
          meta ->
              new NetworkPolicyBuilder()
                  .withMetadata(meta)
                  .withNewSpec()
                  .withNewPodSelector()
                  .endPodSelector()
                  .endSpec()
                  .build(),
          meta ->
              new IngressBuilder()
                  .withMetadata(meta)
                  .withNewSpec()
                  .withNewDefaultBackend()
                  .withNewService()
                  .withName("any")
                  .withNewPort()
                  .withNumber(80)
                  .endPort()
                  .endService()
                  .endDefaultBackend()
                  .endSpec()
                  .build(),
          meta ->
              new EndpointSliceBuilder()
                  .withMetadata(meta)
                  .withAddressType("IPv4")
                  .withEndpoints(List.of())
                  .build(),
          meta -> new ServiceAccountBuilder().withMetadata(labelled(meta)).build(),
          meta ->
              new PodDisruptionBudgetBuilder()
                  .withMetadata(labelled(meta))
                  .withNewSpec()
                  .withNewMaxUnavailable(1)
                  .withNewSelector()
                  .endSelector()
                  .endSpec()
                  .build(),
          meta ->
              new PodBuilder()
                  .withMetadata(labelled(meta))
                  .withNewSpec()
                  .addNewContainer()
                  .withName("any")
                  .withImage("any")
                  .endContainer()
                  .endSpec()
                  .build());

  private static ObjectMeta labelled(ObjectMeta meta) {
    return new ObjectMetaBuilder(meta)
        .addToLabels(OPERATORS)
        .addToLabels("securememcached.io/server-of", "another")
        .build();
  }

  private void createEachKind(String namespace) {
    ObjectMeta meta =
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withGenerateName("flood-")
            .withAnnotations(Map.of("example.com/large", LARGE))
            .addNewOwnerReference()
            .withApiVersion("any/v1")
            .withKind("Any")
            .withName(LARGER)
            .withUid("any")
            .endOwnerReference()
            .build();
    KINDS.stream()
        .map(kind -> Thread.ofVirtual().start(() -> client.resource(kind.apply(meta)).create()))
        .toList()
        .forEach(FloodIT::join);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String text(int length) {
    return new Random(1)
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}
