package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Condition Ready, where no other condition says why it is false. */
class ReadyConditionTest extends StatusFixture {

  /** All is written by then: what can't be told any more is that nothing exposes the servers. */
  @Test
  void failureAfterAllIsWrittenIsReadysAlone() {
    primary.setStatus(status(set(2, 2), List.of(pod(0, true)), Optional.empty()));
    SecureMemcachedStatus status =
        status(
            set(2, 2),
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
}
