package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.monitoring.ExporterLogins;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.zones.LoadedList;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A resource with two servers, of which each test changes what it is about. */
abstract class StatusFixture {

  static final Instant NOON = Instant.parse("2026-11-22T12:00:00.5Z");
  static final Settings SETTINGS =
      new Settings(
          "system",
          Map.of("app", "operator"),
          Map.of(Image.Flavor.CentOS7, "example/centos7", Image.Flavor.Debian12, "example/debian"));

  final SecureMemcached primary =
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

  Map<String, Verification> verifications = Map.of("uid-0", passed(NOON), "uid-1", passed(NOON));

  List<Exposure> exposures = List.of();
  List<String> unread = List.of();

  List<LoadedList> lists = List.of();

  Optional<String> refusedPods = Optional.empty();

  List<Service> external = List.of();
  List<String> outdated = List.of();
  Optional<Failure> externalFailure = Optional.empty();

  Rollout rollout = Rollout.upToDate();

  CredentialResult credentials =
      credentials(Map.of("sammy", login("sammy"), "sessions", login("sessions")));

  static Pod waiting(int number, String reason) {
    return new PodBuilder(pod(number, false))
        .editStatus()
        .addNewContainerStatus()
        .withNewState()
        .withNewWaiting()
        .withReason(reason)
        .withMessage("no such image")
        .endWaiting()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  static Pod at(Pod pod, String ip) {
    return new PodBuilder(pod).editStatus().withPodIP(ip).endStatus().build();
  }

  static Pod runs(Pod pod, String imageId) {
    return new PodBuilder(pod)
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .withImage("example/debian")
        .endContainer()
        .endSpec()
        .editStatus()
        .addNewContainerStatus()
        .withName("memcached")
        .withImageID(imageId)
        .endContainerStatus()
        .endStatus()
        .build();
  }

  static String condition(SecureMemcachedStatus status, String type) {
    Condition found = Conditions.find(status.conditions(), type).orElseThrow();
    return found.getStatus() + " " + found.getReason() + " " + found.getMessage();
  }

  String ready(Optional<StatefulSet> servers, List<Pod> pods) {
    Condition ready =
        Conditions.find(status(servers, pods, Optional.empty()).conditions(), "Ready")
            .orElseThrow();
    return ready.getStatus() + " " + ready.getReason() + " " + ready.getMessage();
  }

  SecureMemcachedStatus status(
      Optional<StatefulSet> servers, List<Pod> pods, Optional<Failure> failure) {
    return StatusBuilder.build(facts(servers, pods, failure, NOON));
  }

  StatusInput facts(
      Optional<StatefulSet> servers, List<Pod> pods, Optional<Failure> failure, Instant now) {
    return new StatusInput(
        primary,
        SETTINGS,
        servers,
        pods,
        verifications,
        failure.isPresent() ? Optional.empty() : Optional.of(credentials),
        failure.isPresent() ? Optional.empty() : Optional.of(exposures),
        unread,
        refusedPods,
        failure.isPresent() ? Optional.empty() : Optional.of(rollout),
        external,
        outdated,
        failure,
        externalFailure,
        lists,
        now);
  }

  static CredentialsStatus credentials(String user, String secret) {
    return new CredentialsStatus(
        user,
        secret,
        user,
        1,
        CredentialsPhase.Active,
        "Created",
        "2026-11-22T11:00:00Z",
        "",
        "",
        List.of(),
        List.of());
  }

  static CredentialResult credentials(Map<String, UserLogins> users) {
    return new CredentialResult(
        Logins.none(Map.of()).withUsers(users),
        Map.of(),
        Map.of(),
        Map.of(),
        List.of(),
        Optional.empty(),
        2,
        Optional.empty(),
        Set.of(),
        Optional.empty(),
        ExporterLogins.NONE);
  }

  static Verification passed(Instant at) {
    return new Verification(at.truncatedTo(ChronoUnit.SECONDS), Quoted.of("1.6.18"), List.of());
  }

  static Finding failed(Check check, String evidence) {
    return new Finding(check, Outcome.FAILED, Quoted.of(evidence));
  }

  static UserLogins login(String user) {
    return UserLogins.of(new Login(user, "secret"), 1, NOON.minusSeconds(3600));
  }

  static Optional<StatefulSet> set(int replicas, int ready) {
    return Optional.of(
        new StatefulSetBuilder()
            .withNewMetadata()
            .withGeneration(7L)
            .endMetadata()
            .withNewStatus()
            .withObservedGeneration(7L)
            .withReplicas(replicas)
            .withReadyReplicas(ready)
            .endStatus()
            .build());
  }

  /** One server, sessions-1, has another size. */
  static Rollout rollout(Rollout.Phase phase, UpdateOrigin origin) {
    return new Rollout(
        List.of(
            new ServerUpdate(
                pod(1, true),
                origin,
                List.of(
                    new ServerUpdate.Change(
                        "cacheSize", "64Mi", "128Mi", "memcached takes the size at the start")))),
        "a1b2c3d4e5",
        phase,
        phase == Rollout.Phase.RESTARTING ? "sessions-1 restarts." : "",
        Optional.empty());
  }

  static Pod pod(int ordinal, boolean ready) {
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
