package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Conditions of a reconciliation that ended early. */
class StageConditionTest extends StatusFixture {

  @Test
  void saysWhichStageFailedAndWhatWasNotReached() {
    SecureMemcachedStatus status =
        status(
            set(2, 2),
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
            tuple("ImageSupported", "False", "ImageUnsupported"),
            tuple("UpToDate", "Unknown", "NameConflict"));
    assertThat(status.observedGeneration()).isEqualTo(3);
  }
}
