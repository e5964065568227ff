package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Binding;
import io.securememcached.operator.api.v1beta1.CheckStatus;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rotation.Cause;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  private Map<String, Verification> verifications =
      Map.of("uid-0", passed(NOON), "uid-1", passed(NOON));

  private List<Exposure> exposures = List.of();
  private List<String> unread = List.of();

  private Optional<String> refusedPods = Optional.empty();

  private CredentialResult credentials =
      credentials(Map.of("sammy", login("sammy"), "sessions", login("sessions")));

  @Test
  void isReadyWhenEveryServerRunsTheWantedSettings() {
    SecureMemcachedStatus status =
        status(set(2, 2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());

    assertThat(status.observedGeneration()).isEqualTo(3);
    assertThat(status.replicas()).isEqualTo(2);
    assertThat(status.readyServers()).isEqualTo("2/2");
    assertThat(status.zones()).isEqualTo("web,admin");
    assertThat(status.image()).isEqualTo("example/centos7");
    assertThat(status.flavor()).isEqualTo("CentOS7");
    assertThat(status.selector()).isEqualTo("securememcached.io/server-of=sessions");
    assertThat(status.saslSecret()).isEqualTo("sessions-sasl");
    assertThat(status.credentials())
        .containsExactly(
            credentials("sammy", "sessions-credentials-sammy"),
            credentials("sessions", "sessions-credentials"));
    assertThat(status.binding()).isEqualTo(new Binding("sessions-credentials-sammy"));
    assertThat(status.servers())
        .containsExactly(
            new ServerStatus(
                "sessions-0",
                "sessions-0.sessions-nodes.shop.svc",
                "10.0.0.1:11211",
                "sessions-0",
                true,
                Quoted.of("1.6.18"),
                "2026-11-22T12:00:00Z",
                List.of()),
            new ServerStatus(
                "sessions-1",
                "sessions-1.sessions-nodes.shop.svc",
                "10.0.0.2:11211",
                "sessions-1",
                true,
                Quoted.of("1.6.18"),
                "2026-11-22T12:00:00Z",
                List.of()));
    assertThat(status.conditions())
        .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
        .containsExactly(
            tuple("Ready", "True", "AllServersReady"),
            tuple("NetworkPoliciesApplied", "True", "Applied"),
            tuple("CredentialsReady", "True", "Applied"),
            tuple("SASLEnforced", "True", "Verified"),
            tuple("NetworkRestricted", "True", "Verified"),
            tuple("NotExposed", "True", "NotExposed"),
            tuple("ServersReady", "True", "AllServersReady"),
            tuple("ImageSupported", "False", "ImageUnsupported"));
    assertThat(status.conditions())
        .allSatisfy(
            condition -> {
              assertThat(condition.getObservedGeneration()).isEqualTo(3);
              assertThat(condition.getLastTransitionTime()).isEqualTo("2026-11-22T12:00:00Z");
            });
  }

  /** Another default must not restart servers by surprise, and must not stay unseen. */
  @Test
  void serversKeepTheFlavorThatTheyWereCreatedWith() {
    StatefulSet servers = set(2, 2, 2).orElseThrow();
    servers.getMetadata().setAnnotations(Map.of("securememcached.io/flavor", "Debian12"));
    SecureMemcachedStatus kept =
        status(Optional.of(servers), List.of(pod(0, true), pod(1, true)), Optional.empty());

    assertThat(kept.image()).isEqualTo("example/debian");
    assertThat(kept.flavor()).isEqualTo("Debian12");
    assertThat(condition(kept, "ImageSupported"))
        .startsWith("True ImageSupported")
        .endsWith(
            "The servers keep flavor Debian12, the default at their creation; the operator's default is now CentOS7. Set spec.image.flavor to change it.");

    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"replicas\": 2, \"image\": {\"flavor\": \"CentOS7\"}}}",
                SecureMemcached.class)
            .getSpec());
    SecureMemcachedStatus named =
        status(Optional.of(servers), List.of(pod(0, true), pod(1, true)), Optional.empty());
    assertThat(named.image()).isEqualTo("example/centos7");
    assertThat(condition(named, "ImageSupported")).doesNotContain("keep");
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
        .isEqualTo("False RollingOut 1 of 2 servers are ready. Updated: 1 of 2.");
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
    Pod waiting = waiting(1, "ImagePullBackOff");

    assertThat(ready(set(2, 1, 2), List.of(pod(0, true), waiting)))
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

    assertThat(ready(set(1, 1, 2), List.of(pod(0, true), homeless)))
        .isEqualTo(
            "False WaitingForNode sessions-1: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.");
    assertThat(ready(set(0, 0, 2), List.of(waiting(0, "ErrImagePull"), homeless)))
        .isEqualTo(
            "False ServerFailing sessions-0: ErrImagePull: no such image. Available flavors: CentOS7 (example/centos7), Debian12 (example/debian). Set spec.image.flavor to one of them, or spec.image.reference to an image of your own. The chart values images and defaultFlavor configure the flavors.");
  }

  private static Pod waiting(int number, String reason) {
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

  @Test
  void saysWhyThereAreNoPods() {
    refusedPods = Optional.of("no PriorityClass with name cache-hihg was found");

    assertThat(ready(set(0, 0, 0), List.of()))
        .startsWith(
            "False PodsRejected Kubernetes rejects the pods: \"no PriorityClass with name cache-hihg was found\". Change spec.resources");
    assertThat(ready(set(2, 2, 2), List.of())).startsWith("True AllServersReady");
  }

  @Test
  void isReadyWithNoServersWanted() {
    primary.setSpec(
        Serialization.unmarshal("{\"spec\": {\"replicas\": 0}}", SecureMemcached.class).getSpec());

    assertThat(ready(set(0, 0, 0), List.of()))
        .isEqualTo("True NoServersRequested No servers requested: spec.replicas is 0.");
    assertThat(ready(Optional.empty(), List.of()))
        .isEqualTo("True NoServersRequested No servers requested: spec.replicas is 0.");
    assertThat(ready(set(1, 1, 1), List.of(pod(0, true))))
        .isEqualTo("False ScalingIn Scaling in: 1 server terminating.");
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
            tuple("SASLEnforced", "Unknown", "NotVerified"),
            tuple("NetworkRestricted", "Unknown", "NotVerified"),
            tuple("NotExposed", "Unknown", "NotAttempted"),
            tuple("ServersReady", "Unknown", "NotAttempted"),
            tuple("ImageSupported", "False", "ImageUnsupported"));
    assertThat(status.observedGeneration()).isEqualTo(3);
  }

  /** All is written by then: what can't be told any more is that nothing exposes the servers. */
  @Test
  void failureAfterAllIsWrittenIsReadysAlone() {
    primary.setStatus(status(set(2, 2, 2), List.of(pod(0, true)), Optional.empty()));
    SecureMemcachedStatus status =
        status(
            set(2, 2, 2),
            List.of(pod(0, true), pod(1, true)),
            Optional.of(Failure.internal(Stage.CHECKS, new IllegalStateException("odd"))));

    assertThat(status.conditions())
        .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
        .contains(
            tuple("Ready", "False", "InternalError"),
            tuple("NetworkPoliciesApplied", "True", "Applied"),
            tuple("CredentialsReady", "True", "Applied"),
            tuple("NotExposed", "Unknown", "InternalError"),
            tuple("ServersReady", "True", "AllServersReady"));
    assertThat(condition(status, "Ready")).contains("IllegalStateException: odd");
  }

  @Test
  void exposureThatWasFoundStandsWhenAReconciliationFails() {
    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    primary.setStatus(status(set(2, 2, 2), List.of(), Optional.empty()));

    assertThat(
            condition(
                status(
                    set(2, 2, 2),
                    List.of(),
                    Optional.of(new Failure(Stage.SERVERS, Reason.ChildRejected, "quota"))),
                "NotExposed"))
        .isEqualTo("False Exposed NetworkPolicy all: allows ingress from anywhere");
  }

  @Test
  void statusThatCanNotBeBuiltSaysSoAndNothingElse() {
    primary.setStatus(status(set(2, 2, 2), List.of(pod(0, true)), Optional.empty()));
    StatusInput unknown = StatusInput.unknown(primary, SETTINGS, NOON.plusSeconds(60));
    Failure failure =
        Failure.internal(Stage.CHECKS, new NumberFormatException("x".repeat(100_000)));
    SecureMemcachedStatus status = StatusBuilder.failed(unknown, failure);

    assertThat(status.conditions())
        .extracting(Condition::getType)
        .as("the same conditions as ever")
        .containsExactlyElementsOf(
            primary.getStatus().conditions().stream().map(Condition::getType).toList());
    assertThat(status.conditions().getFirst().getStatus()).isEqualTo("False");
    assertThat(status.conditions().stream().skip(1))
        .allSatisfy(condition -> assertThat(condition.getStatus()).isEqualTo("Unknown"));
    assertThat(status.conditions())
        .allSatisfy(
            condition -> {
              assertThat(condition.getReason()).isEqualTo("InternalError");
              assertThat(condition.getMessage()).hasSizeLessThanOrEqualTo(Conditions.LONGEST);
            });
    assertThat(status.servers()).isEmpty();
    assertThat(status.credentials()).isEqualTo(primary.getStatus().credentials());
    primary.setStatus(status);
    assertThat(StatusBuilder.failed(unknown, failure)).as("no write twice").isEqualTo(status);
  }

  @Test
  void keepsWhatItSaidAboutLoginsWhenAPassFails() {
    primary.setStatus(status(set(2, 2, 2), List.of(), Optional.empty()));

    assertThat(
            status(
                    set(2, 2, 2),
                    List.of(),
                    Optional.of(new Failure(Stage.SERVERS, Reason.ChildRejected, "quota")))
                .credentials())
        .isEqualTo(primary.getStatus().credentials());
  }

  @Test
  void showsALoginOnItsWay() {
    List<PendingServer> pending =
        List.of(new PendingServer("sessions-1", Quoted.of("rejects the login")));
    UserLogins rotating =
        new UserLogins(
            Optional.of(new Login("sammy", "secret")),
            Optional.of(new UserLogins.Next(new Login("sammy_2", "newer"), NOON)),
            Optional.empty(),
            4,
            NOON.minusSeconds(3600),
            Cause.Requested,
            Optional.empty());
    credentials =
        new CredentialResult(
            Logins.none(Map.of())
                .withUsers(Map.of("sammy", rotating, "sessions", login("sessions"))),
            Map.of(),
            Map.of("sammy", pending),
            Map.of(),
            List.of(),
            Optional.empty(),
            2,
            Optional.empty(),
            Set.of(),
            Optional.empty());
    SecureMemcachedStatus status = status(set(2, 2, 2), List.of(), Optional.empty());

    assertThat(status.credentials().getFirst())
        .isEqualTo(
            new CredentialsStatus(
                "sammy",
                "sessions-credentials-sammy",
                "sammy",
                4,
                CredentialsPhase.Delivering,
                "Requested",
                "2026-11-22T11:00:00Z",
                "",
                pending));
    assertThat(ready(set(2, 2, 2), List.of()))
        .as("clients have a login that works")
        .startsWith("True AllServersReady");
  }

  @Test
  void isNotReadyBeforeAUserHasALogin() {
    credentials = credentials(Map.of("sammy", login("sammy"), "sessions", UserLogins.none()));

    assertThat(ready(set(2, 2, 2), List.of()))
        .isEqualTo(
            "False CredentialsDelivering Delivering the first login of sessions to the servers.");
  }

  @Test
  void isNotReadyWithABroughtSecretThatCannotBeUsed() {
    credentials =
        new CredentialResult(
            credentials.logins(),
            Map.of(),
            Map.of(),
            Map.of("sammy", "Secret vault, key password: is empty"),
            List.of(),
            Optional.empty(),
            2,
            Optional.empty(),
            Set.of(),
            Optional.empty());

    assertThat(ready(set(2, 2, 2), List.of()))
        .isEqualTo("False CredentialsUnusable Secret vault, key password: is empty");
  }

  @Test
  void keepsWhatItSaidOfLoginsThatCannotBeRead() {
    List<CredentialsStatus> before =
        status(set(2, 2, 2), List.of(), Optional.empty()).credentials();
    primary.setStatus(status(set(2, 2, 2), List.of(), Optional.empty()));
    credentials = CredentialResult.unreadable(Logins.none(Map.of()), "has format 2");

    SecureMemcachedStatus status = status(set(2, 2, 2), List.of(), Optional.empty());
    assertThat(status.credentials()).isEqualTo(before);
    assertThat(condition(status, "CredentialsReady"))
        .isEqualTo("False CredentialsUnreadable has format 2");
  }

  @Test
  void saysWhoOpensTheServers() {
    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    assertThat(ready(set(2, 2, 2), List.of(pod(0, true), pod(1, true))))
        .isEqualTo("False Exposed NetworkPolicy all: allows ingress from anywhere");
  }

  /** A kind that can't be read is no reason to stop a delivery, and no proof either. */
  @Test
  void saysWhatCouldNotBeLookedAt() {
    unread = List.of("HTTPRoute: conversion webhook failed");
    SecureMemcachedStatus status =
        status(set(2, 2, 2), List.of(pod(0, true), pod(1, true)), Optional.empty());
    assertThat(condition(status, "NotExposed"))
        .startsWith("Unknown AuditIncomplete ")
        .endsWith(" HTTPRoute: conversion webhook failed");
    assertThat(condition(status, "Ready")).startsWith("True AllServersReady");

    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    assertThat(ready(set(2, 2, 2), List.of(pod(0, true), pod(1, true))))
        .isEqualTo("False Exposed NetworkPolicy all: allows ingress from anywhere");
  }

  @Test
  void saysWhichServerFailedWhichCheck() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON)
                .with(failed(Check.POLICIES_ENFORCED, "connection refused: 1 9"))
                .with(failed(Check.UDP_OFF, "answered")));
    SecureMemcachedStatus status =
        status(set(2, 2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());

    assertThat(condition(status, "SASLEnforced"))
        .isEqualTo("False CheckFailed sessions-1: udp-off: answered");
    assertThat(condition(status, "NetworkRestricted"))
        .isEqualTo(
            "False PoliciesNotEnforced sessions-1: policies-enforced: connection refused: 1 9");
    assertThat(condition(status, "Ready"))
        .isEqualTo("False CheckFailed sessions-1: udp-off: answered");
    assertThat(status.servers().get(1).checks())
        .containsExactly(
            new CheckStatus("udp-off", "Failed", Quoted.of("answered")),
            new CheckStatus("policies-enforced", "Failed", Quoted.of("connection refused: 1 9")));
  }

  /** Who blames the network plugin then may be wrong, and replaces it in vain. */
  @Test
  void policyOfSomebodyElseMayBeWhyConnectionsGetThrough() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON).with(failed(Check.POLICIES_ENFORCED, "connection refused: 1 9")));
    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    assertThat(
            condition(
                status(set(2, 2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty()),
                "NetworkRestricted"))
        .isEqualTo(
            "False Exposed NetworkPolicy all exposes the servers (see NotExposed); NetworkPolicy enforcement can't be verified until it is removed. sessions-1: policies-enforced: connection refused: 1 9");
    exposures = List.of(new Exposure(Kind.FOREIGN_SERVICE, "Service all", "has a node's port"));
    assertThat(
            condition(
                status(set(2, 2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty()),
                "NetworkRestricted"))
        .startsWith("False PoliciesNotEnforced sessions-1: ");
  }

  @Test
  void proofThatIsTooOldIsUnknown() {
    List<Pod> pods = List.of(pod(1, true), pod(0, true));
    verifications = Map.of("uid-0", passed(NOON), "uid-1", passed(NOON.minusSeconds(1799)));
    assertThat(condition(status(set(2, 2, 2), pods, Optional.empty()), "SASLEnforced"))
        .startsWith("True Verified");
    verifications = Map.of("uid-0", passed(NOON), "uid-1", passed(NOON.minusSeconds(1801)));
    assertThat(condition(status(set(2, 2, 2), pods, Optional.empty()), "SASLEnforced"))
        .isEqualTo(
            "Unknown VerificationExpired sessions-1 was last verified at 2026-11-22T11:29:59Z, more than two verification intervals ago.");
  }

  /** Nothing is wrong with what it was seen to do, and no client gets in. */
  @Test
  void fullServerIsToldWithAWayOut() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON)
                .with(
                    new Finding(
                        Check.REACHABLE,
                        Outcome.UNKNOWN,
                        Quoted.of(
                            "10.0.0.2:11211: VERSION: the server accepts no more connections"))));
    SecureMemcachedStatus status =
        status(set(2, 2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());
    assertThat(condition(status, "SASLEnforced"))
        .startsWith("Unknown ConnectionsExhausted sessions-1 accepts no more connections")
        .contains("spec.maxConnections (1024)", "Close idle client connections or raise");
    assertThat(condition(status, "Ready")).startsWith("False ConnectionsExhausted sessions-1");
    SecureMemcachedStatus before = SecureMemcachedStatus.empty();
    assertThat(ConditionChange.between(before.conditions(), status.conditions()))
        .extracting(ConditionChange::reason, ConditionChange::isWarning)
        .contains(tuple("ConnectionsExhausted", true));
  }

  @Test
  void serverThatWasNotReachedProvesNothing() {
    verifications =
        Map.of(
            "uid-0",
            passed(NOON),
            "uid-1",
            passed(NOON)
                .with(new Finding(Check.REACHABLE, Outcome.UNKNOWN, Quoted.of("timed out"))));
    SecureMemcachedStatus status =
        status(set(2, 2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());
    assertThat(condition(status, "SASLEnforced"))
        .isEqualTo("Unknown NotVerified SASL enforcement verified on 1 of 2 servers.");
  }

  @Test
  void serversOnLoopbackCannotBeReached() {
    primary.setSpec(
        Serialization.unmarshal("{\"spec\": {\"listen\": \"Loopback\"}}", SecureMemcached.class)
            .getSpec());
    verifications = Map.of();
    assertThat(
            condition(
                status(set(1, 1, 1), List.of(pod(0, true)), Optional.empty()), "SASLEnforced"))
        .startsWith("Unknown NotVerifiable");
  }

  @Test
  void whatIsIntendedIsToldAndExposesNothing() {
    exposures =
        List.of(
            new Exposure(
                Kind.FOREIGN_POLICY,
                "NetworkPolicy a",
                "allows egress to anywhere (port 53 only, for DNS)",
                true));
    assertThat(
            condition(
                status(set(2, 2, 2), List.of(pod(0, true), pod(1, true)), Optional.empty()),
                "NotExposed"))
        .isEqualTo(
            "True NotExposed No foreign object exposes the servers. Intended: NetworkPolicy a: allows egress to anywhere (port 53 only, for DNS).");
    exposures =
        List.of(
            new Exposure(
                Kind.FOREIGN_POLICY,
                "NetworkPolicy a",
                "allows egress to anywhere (port 53 only, for DNS)",
                true),
            new Exposure(
                Kind.FOREIGN_POLICY, "NetworkPolicy b", "allows ingress from anywhere; delete it"));
    assertThat(
            condition(
                status(set(2, 2, 2), List.of(pod(0, true), pod(1, true)), Optional.empty()),
                "NotExposed"))
        .isEqualTo(
            "False Exposed NetworkPolicy b: allows ingress from anywhere; delete it. Intended: NetworkPolicy a: allows egress to anywhere (port 53 only, for DNS).");
  }

  @Test
  void imageOfOnesOwnIsNotJudged() {
    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"image\": {\"reference\": \"example/own\"}}}", SecureMemcached.class)
            .getSpec());
    assertThat(
            condition(
                status(set(1, 1, 1), List.of(pod(0, true)), Optional.empty()), "ImageSupported"))
        .startsWith("Unknown ImageUnknown");
    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"image\": {\"flavor\": \"Debian12\"}}}", SecureMemcached.class)
            .getSpec());
    assertThat(
            condition(
                status(set(1, 1, 1), List.of(pod(0, true)), Optional.empty()), "ImageSupported"))
        .isEqualTo("True ImageSupported The image gets security updates until 2028-06-30.");
  }

  /** A tag that was built again is a difference of revisions, and no reason not to be ready. */
  @Test
  void imageThatWasBuiltAgainIsToldAndNothingElse() {
    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"replicas\": 2, \"image\": {\"flavor\": \"Debian12\"}}}",
                SecureMemcached.class)
            .getSpec());
    SecureMemcachedStatus status =
        status(
            set(2, 2, 2),
            List.of(runs(pod(0, true), "a@sha256:1"), runs(pod(1, true), "a@sha256:2")),
            Optional.empty());

    assertThat(condition(status, "ImageSupported"))
        .startsWith(
            "Unknown ImageRevisionsDiffer Servers run 2 different images for example/debian: ")
        .contains("sha256:1 on sessions-0, sha256:2 on sessions-1", "@sha256:digest");
    assertThat(condition(status, "Ready")).startsWith("True AllServersReady");
    assertThat(condition(status, "NotExposed")).startsWith("True NotExposed");
  }

  /** memcached 1.4.15 would end in a crash loop that tells nobody why. */
  @Test
  void flavorThatCanNotListenOnIpv6IsToldWithAWayOut() {
    List<Pod> pods = List.of(at(pod(0, false), "fd00::1"), at(pod(1, false), "10.0.0.2"));
    assertThat(condition(status(set(2, 2, 0), pods, Optional.empty()), "ServersReady"))
        .startsWith(
            "False AddressUnsupported sessions-0 has IPv6 address fd00::1, on which memcached 1.4.15")
        .contains("Set spec.image.flavor to Debian12");
    for (String spec :
        List.of(
            "{\"replicas\": 2, \"image\": {\"flavor\": \"Debian12\"}}",
            "{\"replicas\": 2, \"listen\": \"Loopback\"}")) {
      primary.setSpec(
          Serialization.unmarshal("{\"spec\": %s}".formatted(spec), SecureMemcached.class)
              .getSpec());
      assertThat(condition(status(set(2, 2, 0), pods, Optional.empty()), "ServersReady"))
          .doesNotContain("AddressUnsupported");
    }
    assertThat(status(set(2, 2, 0), pods, Optional.empty()).servers())
        .extracting(ServerStatus::address)
        .containsExactly("[fd00::1]:11211", "10.0.0.2:11211");
  }

  private static Pod at(Pod pod, String ip) {
    return new PodBuilder(pod).editStatus().withPodIP(ip).endStatus().build();
  }

  private static Pod runs(Pod pod, String imageId) {
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

  private static String condition(SecureMemcachedStatus status, String type) {
    Condition found = Conditions.find(status.conditions(), type).orElseThrow();
    return found.getStatus() + " " + found.getReason() + " " + found.getMessage();
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

  private StatusInput facts(
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
        failure,
        now);
  }

  private static CredentialsStatus credentials(String user, String secret) {
    return new CredentialsStatus(
        user,
        secret,
        user,
        1,
        CredentialsPhase.Active,
        "Created",
        "2026-11-22T11:00:00Z",
        "",
        List.of());
  }

  private static CredentialResult credentials(Map<String, UserLogins> users) {
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
        Optional.empty());
  }

  private static Verification passed(Instant at) {
    return new Verification(at.truncatedTo(ChronoUnit.SECONDS), Quoted.of("1.6.18"), List.of());
  }

  private static Finding failed(Check check, String evidence) {
    return new Finding(check, Outcome.FAILED, Quoted.of(evidence));
  }

  private static UserLogins login(String user) {
    return UserLogins.of(new Login(user, "secret"), 1, NOON.minusSeconds(3600));
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
