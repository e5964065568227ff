package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.ScalingStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.resource.KeyMoves;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.Rollout.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Condition ServersReady: rollouts, scaling, and why servers do not start. */
class ServersReadyConditionTest extends StatusFixture {

  @Test
  void tellsARolloutFromAStart() {
    rollout = changedSpec(Phase.RESTARTING);
    assertThat(ready(set(2, 1), List.of()))
        .isEqualTo(
            "False RollingOut 1 of 2 servers are ready. Restarted with the changed settings: 1 of 2. sessions-1 restarts.");
    rollout = Rollout.upToDate();
    assertThat(ready(set(1, 1), List.of()))
        .isEqualTo("False ServersStarting 1 of 2 servers are ready.");
    assertThat(ready(Optional.empty(), List.of()))
        .isEqualTo("False ServersStarting 0 of 2 servers are ready.");
  }

  /** Waiting servers run, and may wait for a week: condition UpToDate says so. */
  @Test
  void serversThatMayNotRestartYetAreReady() {
    for (Phase phase : List.of(Phase.APPROVAL, Phase.WINDOW)) {
      rollout = changedSpec(phase);
      assertThat(ready(set(2, 2), List.of())).startsWith("True AllServersReady");
    }
    rollout = changedSpec(Phase.HALTED);
    assertThat(ready(set(2, 2), List.of())).startsWith("False RollingOut");
  }

  /** The spec is applied; what the operator brings is its own matter. */
  @Test
  void serversThatGetWhatTheOperatorBringsAreReady() {
    rollout = rollout(Phase.RESTARTING, UpdateOrigin.Operator);
    assertThat(ready(set(2, 2), List.of())).startsWith("True AllServersReady");
  }

  private static Rollout changedSpec(Phase phase) {
    return rollout(phase, UpdateOrigin.Spec);
  }

  @Test
  void doesNotTrustNumbersOfAnOlderGeneration() {
    StatefulSet old = set(2, 2).orElseThrow();
    old.getMetadata().setGeneration(8L);

    assertThat(ready(Optional.of(old), List.of()))
        .isEqualTo("False ServersStarting 0 of 2 servers are ready.");
  }

  @Test
  void namesTheServerThatCanNotStart() {
    Pod waiting = waiting(1, "ImagePullBackOff");

    assertThat(ready(set(2, 1), List.of(pod(0, true), waiting)))
        .isEqualTo(
            "False ServerFailing sessions-1: ImagePullBackOff: no such image. Available flavors: CentOS7 (example/centos7), Debian12 (example/debian). Set spec.image.flavor to one of them, or spec.image.reference to an image of your own. The chart values images and defaultFlavor configure the flavors.");
  }

  /** A node may be on its way; a server that can't start is worse and comes first. */
  @Test
  void saysWhatNodesLack() {
    Pod homeless =
        new PodBuilder(pod(1, false))
            .editStatus()
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage("0/1 nodes are available: 1 Insufficient cpu.")
            .endCondition()
            .endStatus()
            .build();

    assertThat(ready(set(1, 1), List.of(pod(0, true), homeless)))
        .isEqualTo(
            "False WaitingForNode sessions-1: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.");
    assertThat(ready(set(0, 0), List.of(waiting(0, "ErrImagePull"), homeless)))
        .isEqualTo(
            "False ServerFailing sessions-0: ErrImagePull: no such image. Available flavors: CentOS7 (example/centos7), Debian12 (example/debian). Set spec.image.flavor to one of them, or spec.image.reference to an image of your own. The chart values images and defaultFlavor configure the flavors.");
  }

  /** The label of a namespace suffices, and nothing else tells why connections end. */
  @Test
  void meshWithoutTheAdministratorsSettingIsTold() {
    String text =
        " sessions-0 is in Istio's ambient mesh, whose traffic the NetworkPolicies drop. Label the pods istio.io/dataplane-mode: none";
    Pod redirected = redirected(pod(0, false), 0, "2026-01-01T00:00:00Z");
    // A first start may just take its second, and is no warning.
    assertThat(ready(set(1, 1), List.of(redirected, pod(1, true))))
        .startsWith("False ServersStarting 1 of 2 servers are ready." + text);
    String failing = "False MeshNotEnabled 1 of 2 servers are ready." + text;
    Pod restarted = redirected(pod(0, false), 1, "2026-01-01T00:00:00Z");
    assertThat(ready(set(1, 1), List.of(restarted, pod(1, true)))).startsWith(failing);
    Pod unready = redirected(pod(0, false), 0, "2026-01-01T00:00:20Z");
    assertThat(ready(set(1, 1), List.of(unready, pod(1, true)))).startsWith(failing);
    Pod looping = redirected(waiting(0, "CrashLoopBackOff"), 3, "2026-01-01T00:00:00Z");
    assertThat(ready(set(1, 1), List.of(looping, pod(1, true)))).startsWith(failing);
    Pod terminating =
        new PodBuilder(restarted)
            .editMetadata()
            .withDeletionTimestamp("2026-01-01T00:00:30Z")
            .endMetadata()
            .build();
    assertThat(ready(set(1, 1), List.of(terminating, pod(1, true))))
        .isEqualTo("False ServersStarting 1 of 2 servers are ready.");
    // Where the network plugin lets probes pass, clients in the mesh time out all the same.
    assertThat(ready(set(2, 2), List.of(redirected, pod(1, true))))
        .startsWith("True AllServersReady 2 of 2 servers are ready. sessions-0 is in Istio's");
    assertThat(ready(set(2, 2), List.of(pod(0, true), pod(1, true))))
        .isEqualTo("True AllServersReady 2 of 2 servers are ready.");
  }

  @Test
  void saysWhyThereAreNoPods() {
    refusedPods = Optional.of("no PriorityClass with name cache-hihg was found");

    assertThat(ready(set(0, 0), List.of()))
        .startsWith(
            "False PodsRejected Kubernetes rejects the pods: \"no PriorityClass with name cache-hihg was found\". Set spec.scheduling.priorityClassName, or change what rejects them");
    assertThat(ready(set(2, 2), List.of())).startsWith("True AllServersReady");
  }

  @Test
  void isReadyWithNoServersWanted() {
    primary.setSpec(
        Serialization.unmarshal("{\"spec\": {\"replicas\": 0}}", SecureMemcached.class).getSpec());

    assertThat(ready(set(0, 0), List.of()))
        .isEqualTo("True NoServersRequested No servers requested: spec.replicas is 0.");
    assertThat(ready(Optional.empty(), List.of()))
        .isEqualTo("True NoServersRequested No servers requested: spec.replicas is 0.");
    assertThat(ready(set(1, 1), List.of(pod(0, true))))
        .isEqualTo("False ScalingIn Scaling in: 1 server terminating.");
  }

  /** Else a hit ratio that falls at night has no reason. */
  @Test
  void saysWhatScalingDoesToKeysUntilTheServersAreReady() {
    primary.setStatus(status(scaled(2, 2), List.of(pod(0, true), pod(1, true)), NOON));
    assertThat(primary.getStatus().lastScaling()).contains(ScalingStatus.first(2));

    // Nothing is applied yet: the resource is paused, or the API server refuses the StatefulSet.
    want(3);
    assertThat(status(scaled(2, 2), List.of(), NOON).scaling()).isEqualTo(ScalingStatus.first(2));

    String keys =
        "Scaling out from 2 to 3 servers: clients with consistent hashing look for about 33% of their keys on the added server, and miss them once; with other hashing they miss more. Clients must read keys servers and uri of their Secret again; those that use key host are not affected.";
    Instant later = NOON.plusSeconds(60);
    SecureMemcachedStatus next = status(scaled(3, 2), List.of(), later);
    assertThat(next.scaling()).isEqualTo(new ScalingStatus(2, 3, "2026-11-22T12:01:00Z", keys));
    assertThat(condition(next, Conditions.SERVERS_READY))
        .isEqualTo("False ServersStarting 2 of 3 servers are ready. " + keys);
    primary.setStatus(next);
    next = status(scaled(3, 2), List.of(), later.plusSeconds(5));
    assertThat(next)
        .as("nothing has changed, so nothing is written")
        .isEqualTo(primary.getStatus());

    primary.setStatus(status(scaled(3, 3), List.of(), later.plusSeconds(9)));
    assertThat(condition(primary.getStatus(), Conditions.SERVERS_READY))
        .isEqualTo("True AllServersReady 3 of 3 servers are ready.");
    assertThat(primary.getStatus().scaling().keys()).isEqualTo(keys);
    assertThat(
            condition(
                status(scaled(3, 2), List.of(), later.plusSeconds(20)), Conditions.SERVERS_READY))
        .as("a server that fails later")
        .isEqualTo("False ServersStarting 2 of 3 servers are ready.");
  }

  @Test
  void saysWhatIsLostWithRemovedServers() {
    primary.setStatus(status(scaled(2, 2), List.of(pod(0, true), pod(1, true)), NOON));
    want(1);
    StatefulSet applied =
        new StatefulSetBuilder(scaled(2, 2).orElseThrow())
            .editSpec()
            .withReplicas(1)
            .endSpec()
            .build();
    assertThat(condition(status(Optional.of(applied), List.of(), NOON), Conditions.SERVERS_READY))
        .isEqualTo(
            "False ScalingIn Scaling in: 1 server terminating. Scaling in from 2 to 1 servers: the removed server's cache is lost, with about 50% of the keys of clients with consistent hashing. Clients must read keys servers and uri of their Secret again; those that use key host are not affected. Entries on the other servers from before an earlier scaling out are found again, and may be outdated.");
  }

  @Test
  void noServersBeforeOrAfterHaveNoKeys() {
    assertThat(KeyMoves.of(0, 2))
        .isEqualTo("Scaling out from 0 to 2 servers: they start with empty caches.");
    assertThat(KeyMoves.of(2, 0))
        .isEqualTo(
            "Scaling in from 2 to 0 servers: all caches are lost. Logins and policies are kept.");
  }

  /** A pod in the mesh, whose container runs since the first second of 2026 unless it waits. */
  private static Pod redirected(Pod pod, int restarts, String unreadySince) {
    boolean waits =
        pod.getStatus().getContainerStatuses().stream()
            .anyMatch(status -> status.getState().getWaiting() != null);
    PodBuilder in =
        new PodBuilder(pod)
            .editMetadata()
            .addToAnnotations("ambient.istio.io/redirection", "enabled")
            .endMetadata()
            .editStatus()
            .addNewCondition()
            .withType("ContainersReady")
            .withStatus("False")
            .withLastTransitionTime(unreadySince)
            .endCondition()
            .endStatus();
    return waits
        ? in.editStatus()
            .editFirstContainerStatus()
            .withRestartCount(restarts)
            .endContainerStatus()
            .endStatus()
            .build()
        : in.editStatus()
            .withContainerStatuses(
                new ContainerStatusBuilder()
                    .withReady(false)
                    .withRestartCount(restarts)
                    .withNewState()
                    .withNewRunning("2026-01-01T00:00:00Z")
                    .endState()
                    .build())
            .endStatus()
            .build();
  }

  private void want(int replicas) {
    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"replicas\": %d}}".formatted(replicas), SecureMemcached.class)
            .getSpec());
  }

  private SecureMemcachedStatus status(Optional<StatefulSet> servers, List<Pod> pods, Instant now) {
    return StatusBuilder.build(facts(servers, pods, Optional.empty(), now));
  }

  /** As applied, with as many pods. */
  private static Optional<StatefulSet> scaled(int replicas, int ready) {
    return set(replicas, ready)
        .map(
            set ->
                new StatefulSetBuilder(set).withNewSpec().withReplicas(replicas).endSpec().build());
  }

  /** memcached 1.4.15 would end in a crash loop that tells nobody why. */
  @Test
  void flavorThatCanNotListenOnIpv6IsToldWithAWayOut() {
    List<Pod> pods = List.of(at(pod(0, false), "fd00::1"), at(pod(1, false), "10.0.0.2"));
    assertThat(condition(status(set(2, 0), pods, Optional.empty()), "ServersReady"))
        .startsWith(
            "False AddressUnsupported sessions-0 has IPv6 address fd00::1, on which memcached 1.4.15")
        .contains("Set spec.image.flavor to Debian13");
    for (String spec :
        List.of(
            "{\"replicas\": 2, \"image\": {\"flavor\": \"Debian12\"}}",
            "{\"replicas\": 2, \"listen\": \"Loopback\"}")) {
      primary.setSpec(
          Serialization.unmarshal("{\"spec\": %s}".formatted(spec), SecureMemcached.class)
              .getSpec());
      assertThat(condition(status(set(2, 0), pods, Optional.empty()), "ServersReady"))
          .doesNotContain("AddressUnsupported");
    }
    assertThat(status(set(2, 0), pods, Optional.empty()).servers())
        .extracting(ServerStatus::address)
        .containsExactly("[fd00::1]:11211", "10.0.0.2:11211");
  }
}
