package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.resource.Settings;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusBuilderTest {

  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00.5Z");
  private static final Settings SETTINGS =
      new Settings(
          "system",
          Map.of("app", "operator"),
          Map.of(Image.Flavor.CentOS7, "example/centos7", Image.Flavor.Debian12, "example/debian"));

  private final SecureMemcached primary =
      Serialization.unmarshal(
          """
          apiVersion: securememcached.io/v1beta1
          kind: SecureMemcached
          metadata: {name: sessions, namespace: shop, generation: 3}
          spec:
            replicas: 2
            users: [{name: sammy}, {name: sessions}]
            sourceZones: [{name: web}, {name: admin}]
          """,
          SecureMemcached.class);

  @Test
  void isReadyWhenEveryServerRunsTheWantedSettings() {
    SecureMemcachedStatus status =
        status(set(2, 2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());

    assertThat(status.observedGeneration()).isEqualTo(3);
    assertThat(status.replicas()).isEqualTo(2);
    assertThat(status.readyServers()).isEqualTo("2/2");
    assertThat(status.zones()).isEqualTo("web,admin");
    assertThat(status.image()).isEqualTo("example/centos7");
    assertThat(status.selector()).isEqualTo("securememcached.io/server-of=sessions");
    assertThat(status.saslSecret()).isEqualTo("sessions-sasl");
    assertThat(status.credentials())
        .containsExactly(
            new CredentialsStatus("sammy", "sessions-credentials-sammy"),
            new CredentialsStatus("sessions", "sessions-credentials"));
    assertThat(status.servers())
        .containsExactly(
            new ServerStatus(
                "sessions-0",
                "sessions-0.sessions-nodes.shop.svc",
                "10.0.0.1:11211",
                "sessions-0",
                true,
                "1.6.18"),
            new ServerStatus(
                "sessions-1",
                "sessions-1.sessions-nodes.shop.svc",
                "10.0.0.2:11211",
                "sessions-1",
                true,
                ""));
    assertThat(status.conditions())
        .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
        .containsExactly(
            tuple("Ready", "True", "AllServersReady"),
            tuple("NetworkPoliciesApplied", "True", "Applied"),
            tuple("CredentialsReady", "True", "Applied"),
            tuple("ServersReady", "True", "AllServersReady"));
    assertThat(status.conditions())
        .allSatisfy(
            condition -> {
              assertThat(condition.getObservedGeneration()).isEqualTo(3);
              assertThat(condition.getLastTransitionTime()).isEqualTo("2026-11-22T12:00:00Z");
            });
  }

  @Test
  void isEqualForEqualFactsAtAnotherTime() {
    SecureMemcachedStatus first = status(set(2, 2, 2), List.of(pod(0, true)), Optional.empty());
    primary.setStatus(first);

    assertThat(
            StatusBuilder.build(
                facts(set(2, 2, 2), List.of(pod(0, true)), Optional.empty(), NOON.plusSeconds(60))))
        .isEqualTo(first);
  }

  @Test
  void keepsTheTransitionTimeOfAConditionUntilItsStatusChanges() {
    primary.setStatus(status(set(2, 1, 2), List.of(), Optional.empty()));
    SecureMemcachedStatus later =
        StatusBuilder.build(facts(set(2, 2, 2), List.of(), Optional.empty(), NOON.plusSeconds(60)));

    assertThat(Conditions.find(later.conditions(), "Ready").orElseThrow().getLastTransitionTime())
        .isEqualTo("2026-11-22T12:01:00Z");
    assertThat(
            Conditions.find(later.conditions(), "CredentialsReady")
                .orElseThrow()
                .getLastTransitionTime())
        .isEqualTo("2026-11-22T12:00:00Z");
  }

  @Test
  void tellsARolloutFromAStart() {
    assertThat(ready(set(2, 1, 1), List.of()))
        .isEqualTo("False RollingOut 1 of 2 servers are ready. 1 run the wanted settings.");
    assertThat(ready(set(1, 1, 1), List.of()))
        .isEqualTo("False ServersStarting 1 of 2 servers are ready.");
    assertThat(ready(Optional.empty(), List.of()))
        .isEqualTo("False ServersStarting 0 of 2 servers are ready.");
  }

  @Test
  void doesNotTrustNumbersOfAnOlderGeneration() {
    StatefulSet old = set(2, 2, 2).orElseThrow();
    old.getMetadata().setGeneration(8L);

    assertThat(ready(Optional.of(old), List.of()))
        .isEqualTo("False ServersStarting 0 of 2 servers are ready.");
  }

  @Test
  void namesTheServerThatCanNotStart() {
    Pod waiting =
        new PodBuilder(pod(1, false))
            .editStatus()
            .addNewContainerStatus()
            .withNewState()
            .withNewWaiting()
            .withReason("ImagePullBackOff")
            .withMessage("no such image")
            .endWaiting()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();

    assertThat(ready(set(2, 1, 2), List.of(pod(0, true), waiting)))
        .isEqualTo("False ServerFailing sessions-1: ImagePullBackOff: no such image");
  }

  @Test
  void isReadyWithNoServersWanted() {
    primary.setSpec(
        Serialization.unmarshal("{\"spec\": {\"replicas\": 0}}", SecureMemcached.class).getSpec());

    assertThat(ready(set(0, 0, 0), List.of())).isEqualTo("True NoServersWanted replicas is 0.");
    assertThat(ready(Optional.empty(), List.of())).isEqualTo("True NoServersWanted replicas is 0.");
    assertThat(ready(set(1, 1, 1), List.of(pod(0, true))))
        .isEqualTo("False ScalingIn 1 servers are no longer wanted and end.");
  }

  @Test
  void saysWhichStageFailedAndWhatWasNotReached() {
    SecureMemcachedStatus status =
        status(
            set(2, 2, 2),
            List.of(),
            Optional.of(new Failure(Stage.CREDENTIALS, Reason.NameConflict, "Secret x exists")));

    assertThat(status.conditions())
        .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
        .containsExactly(
            tuple("Ready", "False", "NameConflict"),
            tuple("NetworkPoliciesApplied", "True", "Applied"),
            tuple("CredentialsReady", "False", "NameConflict"),
            tuple("ServersReady", "Unknown", "NotReached"));
    assertThat(status.observedGeneration()).isEqualTo(3);
  }

  private String ready(Optional<StatefulSet> servers, List<Pod> pods) {
    Condition ready =
        Conditions.find(status(servers, pods, Optional.empty()).conditions(), "Ready")
            .orElseThrow();
    return ready.getStatus() + " " + ready.getReason() + " " + ready.getMessage();
  }

  private SecureMemcachedStatus status(
      Optional<StatefulSet> servers, List<Pod> pods, Optional<Failure> failure) {
    return StatusBuilder.build(facts(servers, pods, failure, NOON));
  }

  private Facts facts(
      Optional<StatefulSet> servers, List<Pod> pods, Optional<Failure> failure, Instant now) {
    return new Facts(primary, SETTINGS, servers, pods, Map.of("uid-0", "1.6.18"), failure, now);
  }

  private static Optional<StatefulSet> set(int replicas, int ready, int updated) {
    return Optional.of(
        new StatefulSetBuilder()
            .withNewMetadata()
            .withGeneration(7L)
            .endMetadata()
            .withNewStatus()
            .withObservedGeneration(7L)
            .withReplicas(replicas)
            .withReadyReplicas(ready)
            .withUpdatedReplicas(updated)
            .endStatus()
            .build());
  }

  private static Pod pod(int ordinal, boolean ready) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("sessions-" + ordinal)
        .withUid("uid-" + ordinal)
        .endMetadata()
        .withNewStatus()
        .withPodIP("10.0.0." + (ordinal + 1))
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready ? "True" : "False")
        .endCondition()
        .endStatus()
        .build();
  }
}
