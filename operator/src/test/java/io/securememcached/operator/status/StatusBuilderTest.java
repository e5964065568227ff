package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.api.v1beta1.Binding;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.text.Quoted;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusBuilderTest extends StatusFixture {

  @Test
  void isReadyWhenEveryServerRunsTheWantedSettings() {
    SecureMemcachedStatus status =
        status(set(2, 2), List.of(pod(1, true), pod(0, true)), Optional.empty());

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
                List.of(),
                null),
            new ServerStatus(
                "sessions-1",
                "sessions-1.sessions-nodes.shop.svc",
                "10.0.0.2:11211",
                "sessions-1",
                true,
                Quoted.of("1.6.18"),
                "2026-11-22T12:00:00Z",
                List.of(),
                null));
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
            tuple("ImageSupported", "False", "ImageUnsupported"),
            tuple("UpToDate", "True", "UpToDate"));
    assertThat(status.conditions())
        .allSatisfy(
            condition -> {
              assertThat(condition.getObservedGeneration()).isEqualTo(3);
              assertThat(condition.getLastTransitionTime()).isEqualTo("2026-11-22T12:00:00Z");
            });
  }

  @Test
  void isEqualForEqualFactsAtAnotherTime() {
    SecureMemcachedStatus first = status(set(2, 2), List.of(pod(0, true)), Optional.empty());
    primary.setStatus(first);

    assertThat(
            StatusBuilder.build(
                facts(set(2, 2), List.of(pod(0, true)), Optional.empty(), NOON.plusSeconds(60))))
        .isEqualTo(first);
  }

  @Test
  void keepsTheTransitionTimeOfAConditionUntilItsStatusChanges() {
    primary.setStatus(status(set(2, 1), List.of(), Optional.empty()));
    SecureMemcachedStatus later =
        StatusBuilder.build(facts(set(2, 2), List.of(), Optional.empty(), NOON.plusSeconds(60)));

    assertThat(Conditions.find(later.conditions(), "Ready").orElseThrow().getLastTransitionTime())
        .isEqualTo("2026-11-22T12:01:00Z");
    assertThat(
            Conditions.find(later.conditions(), "CredentialsReady")
                .orElseThrow()
                .getLastTransitionTime())
        .isEqualTo("2026-11-22T12:00:00Z");
  }

  @Test
  void statusThatCanNotBeBuiltSaysSoAndNothingElse() {
    primary.setStatus(status(set(2, 2), List.of(pod(0, true)), Optional.empty()));
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
}
