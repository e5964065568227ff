package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.status.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What people do to two resources, and what happens to the cluster below them. */
final class ChaosActs {

  /** The users of resource one. */
  static final List<String> USERS = List.of("sammy", "jaws");

  /** How long a login of resource one stays valid after it was replaced. */
  static final Duration OVERLAP = Duration.ofSeconds(30);

  /** The one address outside of the cluster that resource one lets in. */
  static final String FRIEND = "10.30.0.71";

  /**
   * Until then the network plugin may not have seen that a policy is gone: it watches the API
   * server like everybody else, and has to come back to one that was restarted.
   */
  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final Cluster cluster;
  private final Sandbox sandbox;
  private final Random random;
  private final ChaosHistory history;
  private volatile Instant invitedUntil = Instant.MIN;

  ChaosActs(Cluster cluster, Sandbox sandbox, Random random, ChaosHistory history) {
    this.cluster = cluster;
    this.sandbox = sandbox;
    this.random = random;
    this.history = history;
  }

  /** Something that somebody does, or that happens. */
  record Act(String name, Runnable body) {}

  /** Everything that may happen, each as often as the others. */
  List<Act> all(ChaosPods pods, ChaosLogins logins) {
    List<Act> acts =
        List.of(
            new Act("the operator is killed", this::killOperator),
            new Act("a pod is deleted", () -> deletePod(pods)),
            new Act("a Secret of a client is edited", this::forge),
            new Act("a Secret of a client is deleted", () -> deleteSecret(credentials())),
            new Act(
                "the operator's Secret is deleted", () -> deleteCopy("one-operator", "one-sasl")),
            new Act("the servers' Secret is deleted", () -> deleteCopy("one-sasl", "one-operator")),
            new Act("a policy of somebody else opens and closes the servers", this::openAndClose),
            new Act("resource one is changed", this::changeOne),
            new Act("a rotation is asked for", () -> ask(Requests.ROTATE)),
            new Act("the logins are revoked", () -> revoke(logins)),
            new Act("resource two is created or changed", this::createTwo),
            new Act("resource two is deleted", () -> sandbox.delete("two")));
    if (!(cluster instanceof TestbedCluster testbed)) {
      return acts;
    }
    return Stream.concat(
            acts.stream(),
            Stream.of(
                new Act("the API server is silent", () -> silence(testbed)),
                new Act("the API server is silent for longer", () -> silence(testbed)),
                new Act("the API server is restarted", testbed::restartApiServer)))
        .toList();
  }

  /** Whether somebody lets strangers in on purpose, or did a moment ago. */
  boolean isInvited() {
    return Instant.now().isBefore(invitedUntil);
  }

  /** For less or more than a lease lasts. */
  private void silence(TestbedCluster testbed) {
    testbed.pauseApiServer();
    try {
      pause(2_000 + random.nextInt(20_000));
    } finally {
      testbed.resumeApiServer();
    }
  }

  private void killOperator() {
    List<Pod> operators = operators();
    if (!operators.isEmpty()) {
      Pod pod = operators.get(random.nextInt(operators.size()));
      history.note(pod.getMetadata().getName() + ", started again " + restarts(pod) + " times");
      try {
        cluster.kill(Cluster.containerId(pod));
      } catch (IllegalStateException e) {
        history.note("it has ended by itself: " + e.getMessage());
      }
    }
  }

  private List<Pod> operators() {
    return sandbox
        .client()
        .pods()
        .inNamespace(Installation.NAMESPACE)
        .withLabel("app.kubernetes.io/name", Installation.RELEASE)
        .list()
        .getItems()
        .stream()
        .filter(Pods::isRunning)
        .toList();
  }

  private static int restarts(Pod pod) {
    return pod.getStatus().getContainerStatuses().getFirst().getRestartCount();
  }

  /**
   * An operator that ended several times, killed or because the API server was silent, gets a new
   * pod: the kubelet waits up to five minutes before it starts the same one again, and in the
   * meantime nothing would happen.
   */
  void renewOperators() {
    operators().stream()
        .filter(pod -> restarts(pod) > 2)
        .forEach(
            pod -> {
              history.note(pod.getMetadata().getName() + " is deleted");
              sandbox.client().resource(pod).withGracePeriod(0).delete();
            });
  }

  private void deletePod(ChaosPods pods) {
    List<Pod> all = pods.reachable();
    if (!all.isEmpty()) {
      Pod pod = all.get(random.nextInt(all.size()));
      history.note("pod " + pod.getMetadata().getName());
      sandbox.client().resource(pod).delete();
    }
  }

  private String credentials() {
    return "one-credentials-" + USERS.get(random.nextInt(USERS.size()));
  }

  private void deleteSecret(String name) {
    sandbox.client().secrets().inNamespace(sandbox.namespace()).withName(name).delete();
  }

  /** Without both nobody knows the logins that overlap, as docs/credentials.md says. */
  private void deleteCopy(String name, String other) {
    if (secret(other) == null) {
      history.note("not yet, as " + other + " is not there");
    } else {
      deleteSecret(name);
    }
  }

  private Secret secret(String name) {
    return sandbox.client().secrets().inNamespace(sandbox.namespace()).withName(name).get();
  }

  private void forge() {
    Secret secret = secret(credentials());
    if (secret != null) {
      Secret forged =
          new SecretBuilder(secret)
              .editMetadata()
              .withManagedFields(List.of())
              .withResourceVersion(null)
              .endMetadata()
              .addToStringData(Secrets.PASSWORD, ChaosLogins.FORGED + random.nextInt())
              .build();
      sandbox.client().resource(forged).update();
    }
  }

  /** Who is let in is told, and no longer told when it is over. */
  private void openAndClose() {
    invitedUntil = Instant.MAX;
    sandbox.client().resource(opening()).create();
    awaitNotExposed("False");
    sandbox.client().resource(opening()).delete();
    invitedUntil = Instant.now().plus(CLOSING);
    awaitNotExposed("True");
    history.note("closed again");
  }

  /** A policy that lets everybody in everywhere. */
  NetworkPolicy opening() {
    return new NetworkPolicyBuilder()
        .withNewMetadata()
        .withNamespace(sandbox.namespace())
        .withName("foreign")
        .endMetadata()
        .withNewSpec()
        .withNewPodSelector()
        .endPodSelector()
        .addNewIngress()
        .endIngress()
        .endSpec()
        .build();
  }

  private void awaitNotExposed(String status) {
    sandbox.await(
        "one",
        resource ->
            resource.getStatus().conditions().stream()
                .anyMatch(c -> c.getType().equals("NotExposed") && c.getStatus().equals(status)));
  }

  /** Creates resource one, or changes how many servers and zones it has. */
  void changeOne() {
    int zones = random.nextInt(3);
    StringBuilder spec =
        new StringBuilder(
            """
            replicas: %d
            users: [{name: sammy}, {name: jaws}]
            rotation: {overlap: %ds}
            sourceZones:
              - {name: friend, sources: [{cidr: %s/32}]}
            """
                .formatted(1 + random.nextInt(3), OVERLAP.toSeconds(), FRIEND));
    IntStream.range(0, zones)
        .forEach(
            i ->
                spec.append(
                    "  - {name: zone-%d, sources: [{podSelector: {matchLabels: {app: a%d}}}]}\n"
                        .formatted(i, i)));
    sandbox.apply("one", spec.toString());
  }

  /** Creates resource two, which nobody may reach, or changes how many servers it has. */
  void createTwo() {
    SecureMemcached now = sandbox.get("two");
    if (now != null && now.getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    sandbox.apply("two", "replicas: " + random.nextInt(3));
  }

  /** Asks something of resource one, and returns the value by which the request is known. */
  String ask(String request) {
    String value = "chaos-" + random.nextInt();
    sandbox
        .client()
        .resources(SecureMemcached.class)
        .inNamespace(sandbox.namespace())
        .withName("one")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": {\"%s\": \"%s\"}}}".formatted(request, value));
    return value;
  }

  /** Until every server has restarted, some may still have the file of before. */
  private void revoke(ChaosLogins logins) {
    logins.revoke();
    String asked = ask(Requests.REVOKE);
    Sandbox.eventually(
        "the revocation",
        () -> {
          Secret sasl = secret("one-sasl");
          assertThat(sasl).isNotNull();
          String notes = sasl.getMetadata().getAnnotations().get(Secrets.LOGINS);
          assertThat(notes).contains(asked);
          StatefulSet set =
              sandbox
                  .client()
                  .apps()
                  .statefulSets()
                  .inNamespace(sandbox.namespace())
                  .withName("one")
                  .get();
          assertThat(set).isNotNull();
          assertThat(notes).contains("\"restarts\":" + AppliedTemplate.of(set).restarts() + ",");
          assertThat(set.getStatus().getObservedGeneration())
              .isEqualTo(set.getMetadata().getGeneration());
          assertThat(set.getStatus().getUpdatedReplicas()).isEqualTo(set.getSpec().getReplicas());
          assertThat(set.getStatus().getReadyReplicas()).isEqualTo(set.getSpec().getReplicas());
          for (String user : USERS) {
            assertThat(logins.isNewest(secret("one-credentials-" + user))).as(user).isTrue();
          }
        });
    logins.revoked();
  }

  /** Part of what happens, and no wait for anything. */
  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
