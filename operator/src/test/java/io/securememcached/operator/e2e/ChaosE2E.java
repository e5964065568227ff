package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.status.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Everything that can go wrong does, in an order that the seed decides, and none of this ever
 * happens: a stranger gets in, a login ends before its time, two operators write at once, a status
 * says what is not so.
 *
 * <p>{@code -Dchaos.seconds=900} runs it for longer than a minute, {@code -Dchaos.seed=} does the
 * same things again.
 */
@ExtendWith(E2EEnvironment.class)
class ChaosE2E {

  private static final Duration OVERLAP = Duration.ofSeconds(30);

  /** Until then the network plugin may not have seen that a policy is gone. */
  private static final Duration CLOSING = Duration.ofSeconds(10);

  private static final List<String> USERS = List.of("sammy", "jaws");
  private static final String FRIEND = "10.30.0.71";
  private static final String STRANGER = "10.30.0.72";

  private final Cluster cluster;
  private final Installation installation;
  private final long seed = Long.getLong("chaos.seed", System.currentTimeMillis());
  private final Duration duration = Duration.ofSeconds(Long.getLong("chaos.seconds", 60));
  private final Random random = new Random(seed);
  private final ChaosHistory history = new ChaosHistory(seed);
  private volatile Instant invitedUntil = Instant.MIN;
  private Sandbox sandbox;
  private ChaosPods pods;
  private ChaosLogins logins;

  ChaosE2E(Cluster cluster, Installation installation) {
    this.cluster = cluster;
    this.installation = installation;
  }

  /** Something that somebody does, or that happens. */
  private record Act(String name, Runnable body) {}

  @Test
  void nothingThatMustNeverHappenDoes() {
    Instant start = Instant.now();
    try (Sandbox place = new Sandbox(cluster, installation, "e2e-chaos");
        Cluster.OutsideHost friend = cluster.outside("chaos-friend", FRIEND);
        Cluster.OutsideHost stranger = cluster.outside("chaos-stranger", STRANGER)) {
      sandbox = place;
      Server open = new BarePods(sandbox).withoutSasl("open");
      installation.scale(2);
      changeOne();
      createTwo();
      sandbox.awaitReady("one");
      try (ChaosPods watched = new ChaosPods(sandbox)) {
        pods = watched;
        run(open, friend, stranger);
      } finally {
        installation.scale(1);
      }
      if (cluster instanceof TestbedCluster testbed) {
        List<ChaosWriters.Write> writes = ChaosWriters.read(testbed.auditLog(), start);
        assertThat(writes).as("writes in the audit log").hasSizeGreaterThan(20);
        assertThat(ChaosWriters.ofOthersThanTheLeader(writes))
            .as("writes of an operator that does not lead: %s", history)
            .isEmpty();
      }
    }
  }

  private void run(Server open, Place friend, Place stranger) {
    try (ChaosStranger knocking =
            new ChaosStranger(stranger, pods, open, this::isInvited, history);
        ChaosLogins loggingIn = new ChaosLogins(sandbox, friend, pods, "one", OVERLAP, history)) {
      logins = loggingIn;
      List<Act> acts = acts();
      Instant end = Instant.now().plus(duration);
      while (Instant.now().isBefore(end) && history.isWhole()) {
        Act act = acts.get(random.nextInt(acts.size()));
        history.note(act.name());
        act.body().run();
        pause(random.nextInt(3_000));
      }
      createTwo();
      everyStatusIsTrue(friend);
      System.out.printf(
          "  chaos: seed %d, %d s, %d knocks of a stranger, %d logins, %d violations%n",
          seed,
          Duration.between(end.minus(duration), Instant.now()).toSeconds(),
          knocking.knocks(),
          loggingIn.logins(),
          history.violations());
      assertThat(knocking.letInByTheOpenOne()).as("the stranger knocks").isPositive();
      assertThat(knocking.knocks()).isGreaterThan(20);
      assertThat(loggingIn.logins()).isGreaterThan(10);
      assertThat(history.isWhole()).as("%s", history).isTrue();
    } catch (RuntimeException | AssertionError e) {
      System.out.println(history);
      throw e;
    }
  }

  private List<Act> acts() {
    List<Act> acts =
        List.of(
            new Act("the operator is killed", this::killOperator),
            new Act("a pod is deleted", this::deletePod),
            new Act("a Secret of a client is edited", this::forge),
            new Act("a Secret of a client is deleted", () -> deleteSecret(credentials())),
            new Act("the operator's Secret is deleted", () -> deleteSecret("one-operator")),
            new Act("the servers' Secret is deleted", () -> deleteSecret("one-sasl")),
            new Act("a policy of somebody else opens and closes the servers", this::openAndClose),
            new Act("resource one is changed", this::changeOne),
            new Act("a rotation is asked for", () -> ask("one", Requests.ROTATE)),
            new Act("the logins are revoked", this::revoke),
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

  private boolean isInvited() {
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

  /** Where the kubelet would wait longer and longer before it starts it again, the pod goes. */
  private void killOperator() {
    List<Pod> operators =
        sandbox
            .client()
            .pods()
            .inNamespace(Installation.NAMESPACE)
            .withLabel("app.kubernetes.io/name", Installation.RELEASE)
            .list()
            .getItems()
            .stream()
            .filter(Pods::isRunning)
            .toList();
    if (!operators.isEmpty()) {
      Pod pod = operators.get(random.nextInt(operators.size()));
      int restarts = pod.getStatus().getContainerStatuses().getFirst().getRestartCount();
      history.note(pod.getMetadata().getName() + ", started again " + restarts + " times");
      if (restarts < 2) {
        cluster.kill(Cluster.containerId(pod));
      } else {
        sandbox.client().resource(pod).withGracePeriod(0).delete();
      }
    }
  }

  private void deletePod() {
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

  private void forge() {
    Secret secret =
        sandbox.client().secrets().inNamespace(sandbox.namespace()).withName(credentials()).get();
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
    sandbox
        .client()
        .resource(
            new NetworkPolicyBuilder()
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
                .build())
        .create();
    awaitCondition("one", "NotExposed", "False");
    sandbox
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(sandbox.namespace())
        .withName("foreign")
        .delete();
    invitedUntil = Instant.now().plus(CLOSING);
    awaitCondition("one", "NotExposed", "True");
  }

  private void awaitCondition(String name, String type, String status) {
    sandbox.await(
        name,
        resource ->
            resource.getStatus().conditions().stream()
                .anyMatch(c -> c.getType().equals(type) && c.getStatus().equals(status)));
  }

  private void changeOne() {
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

  private void createTwo() {
    SecureMemcached now = sandbox.get("two");
    if (now != null && now.getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    sandbox.apply("two", "replicas: " + random.nextInt(3));
  }

  private void ask(String name, String request) {
    String value = "chaos-" + random.nextInt();
    sandbox
        .client()
        .resources(SecureMemcached.class)
        .inNamespace(sandbox.namespace())
        .withName(name)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": {\"%s\": \"%s\"}}}".formatted(request, value));
    if (request.equals(Requests.REVOKE)) {
      Sandbox.eventually(
          "the revocation",
          () -> {
            Secret sasl =
                sandbox
                    .client()
                    .secrets()
                    .inNamespace(sandbox.namespace())
                    .withName(name + "-sasl")
                    .get();
            assertThat(sasl.getMetadata().getAnnotations().get(Secrets.LOGINS)).contains(value);
            byte[] file = Base64.getDecoder().decode(sasl.getData().get(SaslConfig.SASLDB_FILE));
            for (String user : USERS) {
              Map<String, String> secret = sandbox.secret(name + "-credentials-" + user);
              assertThat(SaslDb.read(file))
                  .anyMatch(
                      entry ->
                          entry.user().equals(secret.get(Secrets.USERNAME))
                              && entry.password().equals(secret.get(Secrets.PASSWORD)));
            }
          });
    }
  }

  /** Servers restart one by one; until then, and for as long as the kubelet takes, it is so. */
  private void revoke() {
    logins.revoke();
    ask("one", Requests.REVOKE);
    sandbox.awaitReady("one");
    logins.revoked();
  }

  private void everyStatusIsTrue(Place friend) {
    for (String name : List.of("one", "two")) {
      sandbox.awaitReady(name);
      Sandbox.eventually(
          "a status that is true of " + name,
          () -> {
            SecureMemcached resource = sandbox.get(name);
            List<Pod> ready = pods.ready(name);
            assertThat(resource.getStatus().readyServers())
                .isEqualTo(ready.size() + "/" + resource.getSpec().replicas());
            assertThat(resource.getStatus().servers())
                .filteredOn(server -> server.ready())
                .extracting(server -> server.name())
                .containsExactlyInAnyOrderElementsOf(
                    ready.stream().map(pod -> pod.getMetadata().getName()).toList());
            assertThat(resource.getStatus().conditions())
                .filteredOn(condition -> !condition.getType().equals("ImageSupported"))
                .extracting(condition -> condition.getType() + " " + condition.getStatus())
                .doesNotContain("Ready False", "NotExposed False", "CredentialsReady False");
            for (CredentialsStatus login : resource.getStatus().credentials()) {
              assertThat(sandbox.secret(login.secretName()).get(Secrets.USERNAME))
                  .isEqualTo(login.username());
            }
          });
    }
    Checks checks = new Checks(sandbox, friend);
    for (Pod pod : pods.ready("one")) {
      for (String user : USERS) {
        Server server = sandbox.server(pod.getMetadata().getName(), "one-credentials-" + user);
        checks.letsUserIn(server, server.login().user());
      }
    }
  }

  /** Part of what happens, and no wait for anything. */
  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
