package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.securememcached.operator.exposure.ServerPods.Role;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pods with the servers' label are servers: two are wanted. */
class ServerPodsTest {

  private static final String EARLIER = "an-earlier-uid";
  private static final String SET = TestingCluster.SET_UID;

  private final TestingCluster cluster = TestingCluster.create();

  @ParameterizedTest
  @CsvSource({
    // name, controller, grace period of a pod that is being deleted, role
    "sessions-0, set, , SERVER",
    "sessions-1, set, , SERVER",
    "sessions-0, set, 10, SERVER",
    "sessions-2, set, , TERMINATING",
    "sessions-2, set, 10, TERMINATING",
    "sessions-999999999, set, , TERMINATING",
    "sessions-99999999999, set, , IMPOSTOR",
    "sessions-99999999999999999999999999, set, , IMPOSTOR",
    "sessions-00, set, , IMPOSTOR",
    "sessions-01, set, , IMPOSTOR",
    "sessions-+1, set, , IMPOSTOR",
    "sessions--1, set, , IMPOSTOR",
    "sessions-\u0661, set, , IMPOSTOR",
    "sessions-, set, , IMPOSTOR",
    "sessions, set, , IMPOSTOR",
    "sessions-x-0, set, , IMPOSTOR",
    "other-0, set, , IMPOSTOR",
    "sessions-0, none, , IMPOSTOR",
    "sessions-0, none, 10, IMPOSTOR",
    "sessions-0, owner, , IMPOSTOR",
    "sessions-0, earlier, , IMPOSTOR",
    "sessions-0, earlier, 10, TERMINATING",
    "sessions-0, earlier, 0, TERMINATING",
    "sessions-0, earlier, 11, IMPOSTOR",
    "sessions-00, earlier, 10, IMPOSTOR",
    "sessions-0, replicaSet, 10, IMPOSTOR",
    "sessions-0, otherSet, 10, IMPOSTOR",
  })
  void role(String name, String controller, Long grace, Role expected) {
    assertThat(
            ServerPods.role(
                cluster.primary, Optional.of(cluster.servers), pod(name, controller, grace)))
        .isEqualTo(expected);
  }

  /** Where the StatefulSet is not known, no pod is asked; those that end are no alarm. */
  @Test
  void withoutAStatefulSetThereIsNoServer() {
    assertThat(role(pod("sessions-0", "set", null))).isEqualTo(Role.IMPOSTOR);
    assertThat(role(pod("sessions-0", "set", 10L))).isEqualTo(Role.TERMINATING);
  }

  @Test
  void twoThatLookAlikeAreToldApart() {
    cluster.pods.add(pod("sessions-00", "set", null));
    assertThat(cluster.audit())
        .extracting(found -> found.kind() + " " + found.object())
        .containsExactly("IMPOSTOR Pod sessions-00");
  }

  /** Scaling in goes as requested. */
  @Test
  void serverThatIsNoLongerWantedIsNoFinding() {
    Pod third = cluster.pod(2, cluster.wanted().getSpec().getTemplate(), TestingCluster.REVISION);
    cluster.pods.add(third);
    assertThat(cluster.audit()).isEmpty();
  }

  private Role role(Pod pod) {
    return ServerPods.role(cluster.primary, Optional.empty(), pod);
  }

  private static Pod pod(String name, String controller, Long grace) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withDeletionTimestamp(grace == null ? null : "2026-11-22T12:00:00Z")
        .withDeletionGracePeriodSeconds(grace)
        .withOwnerReferences(
            switch (controller) {
              case "set" -> List.of(owner("StatefulSet", "sessions", SET, true));
              case "owner" -> List.of(owner("StatefulSet", "sessions", SET, false));
              case "earlier" -> List.of(owner("StatefulSet", "sessions", EARLIER, true));
              case "otherSet" -> List.of(owner("StatefulSet", "other", EARLIER, true));
              case "replicaSet" -> List.of(owner("ReplicaSet", "sessions", EARLIER, true));
              default -> List.of();
            })
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .build();
  }

  private static OwnerReference owner(String kind, String name, String uid, boolean controller) {
    return new OwnerReferenceBuilder()
        .withKind(kind)
        .withName(name)
        .withUid(uid)
        .withController(controller)
        .build();
  }
}
