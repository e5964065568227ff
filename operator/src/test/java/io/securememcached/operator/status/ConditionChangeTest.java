package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionChangeTest {

  @ParameterizedTest
  @CsvSource({
    "Unknown NotVerified, True Verified, ''",
    "Unknown NotVerified, False CheckFailed, Warning CheckFailed",
    "True Verified, True Verified, ''",
    "True Verified, False CheckFailed, Warning CheckFailed",
    "True Verified, Unknown VerificationExpired, Warning VerificationExpired",
    "True Verified, Unknown NotVerified, ''",
    "False CheckFailed, False CheckFailed, ''",
    "False CheckFailed, True Verified, Normal Verified",
    "Unknown VerificationExpired, True Verified, Normal Verified",
    "Unknown VerificationExpired, False CheckFailed, ''",
    "True Verified, False OfAnotherVersion, Normal OfAnotherVersion",
    "True ImageSupported, Unknown ImageRevisionsDiffer, Normal ImageRevisionsDiffer",
    "Unknown ImageRevisionsDiffer, True ImageSupported, Normal ImageSupported"
  })
  void proofIsToldWhenItIsLostOrComesBack(String last, String next, String told) {
    assertThat(
            events(
                List.of(condition(Conditions.SASL_ENFORCED, last)),
                List.of(condition(Conditions.SASL_ENFORCED, next))))
        .isEqualTo(told.isEmpty() ? List.of() : List.of("SASLEnforced " + told));
  }

  @Test
  void firstStatusTellsReadyAlone() {
    assertThat(
            events(
                List.of(),
                List.of(
                    condition(Conditions.READY, "False ServersStarting"),
                    condition(Conditions.IMAGE_SUPPORTED, "False ImageUnsupported"))))
        .containsExactly("Ready Normal ServersStarting");
  }

  @Test
  void whatReadySaysIsToldOnce() {
    assertThat(
            events(
                List.of(
                    condition(Conditions.READY, "True AllServersReady"),
                    condition(Conditions.NETWORK_RESTRICTED, "True Verified"),
                    condition(Conditions.NOT_EXPOSED, "True NotExposed")),
                List.of(
                    condition(Conditions.READY, "False PoliciesNotEnforced"),
                    condition(Conditions.NETWORK_RESTRICTED, "False PoliciesNotEnforced"),
                    condition(Conditions.NOT_EXPOSED, "False Exposed"))))
        .containsExactly("Ready Warning PoliciesNotEnforced", "NotExposed Warning Exposed");
  }

  @Test
  void missingCopyIsToldOnceWhateverFails() {
    String first = "Login of user web is not copied to namespace shop yet; try %s.";
    String second = " Login of user web is not copied to namespace bar, as nobody consents.";
    List<Condition> last = List.of(missing(first.formatted("1")));
    assertThat(events(List.of(condition(Conditions.CREDENTIALS_READY, "True Applied")), last))
        .containsExactly("CredentialsReady Warning CopyMissing");
    assertThat(events(last, List.of(missing(first.formatted("2"))))).isEmpty();
    List<Condition> both = List.of(missing(first.formatted("3") + second));
    assertThat(events(last, both)).containsExactly("CredentialsReady Warning CopyMissing");
    assertThat(events(both, last)).as("one less").isEmpty();
  }

  private static Condition missing(String message) {
    return new ConditionBuilder(condition(Conditions.CREDENTIALS_READY, "True CopyMissing"))
        .withMessage(message)
        .build();
  }

  private static List<String> events(List<Condition> last, List<Condition> next) {
    return ConditionChange.between(last, next).stream()
        .map(
            change ->
                "%s %s %s"
                    .formatted(
                        change.type(), change.isWarning() ? "Warning" : "Normal", change.reason()))
        .toList();
  }

  private static Condition condition(String type, String statusAndReason) {
    String[] words = statusAndReason.split(" ");
    return new ConditionBuilder()
        .withType(type)
        .withStatus(words[0])
        .withReason(words[1])
        .withMessage("About " + words[1])
        .build();
  }
}
