package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.status.Health;
import io.securememcached.operator.status.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The health checks for Argo CD and Flux: generated from the reasons, and run as those tools do.
 * How Flux goes on after a failure.
 */
class GitOpsTest {

  private static final Map<Health, List<String>> NOT_READY =
      Map.of(
          Health.HEALTHY, List.of("Degraded", "Failed"),
          Health.PROGRESSING, List.of("Progressing", "InProgress"),
          Health.DEGRADED, List.of("Degraded", "Failed"));

  @Test
  void healthChecksAreGenerated() throws IOException {
    Guarded.assertUpToDate(HealthChecks.ARGO_CD, HealthChecks.argoCd());
    Guarded.assertUpToDate(HealthChecks.FLUX, HealthChecks.flux(Yaml.text(HealthChecks.FLUX)));
  }

  /** The CRD is one of the chart's objects, and an older one drops fields of the newer one. */
  @ParameterizedTest
  @ValueSource(strings = {"install", "upgrade"})
  void fluxTriesAgainAndNeverRollsBack(String action) {
    List<JsonNode> objects = Yaml.documents(Yaml.text("examples/gitops/flux/operator.yaml"));
    JsonNode settings =
        Yaml.find(objects, "HelmRelease", "securememcached-operator").at("/spec/" + action);
    assertThat(settings.at("/strategy/name").asText()).isEqualTo("RetryOnFailure");
    assertThat(settings.has("remediation")).isFalse();
  }

  /** Lists of reasons that a person keeps, such as the one of the tests in the field. */
  @Test
  void whatGoesAsRequestedIsProgressing() {
    assertThat(
            List.of(
                Reason.ServersStarting,
                Reason.RollingOut,
                Reason.ScalingIn,
                Reason.WaitingForNode,
                Reason.CredentialsDelivering,
                Reason.NotVerified,
                Reason.NotAttempted))
        .allSatisfy(reason -> assertThat(reason.health()).isEqualTo(Health.PROGRESSING));
  }

  @ParameterizedTest
  @EnumSource
  void reasonDecidesWhileNotReady(Reason reason) {
    assertThat(said(resource(3, 3, "False", reason.name())))
        .isEqualTo(NOT_READY.get(reason.health()));
  }

  @ParameterizedTest
  @EnumSource
  void readyIsHealthyWhateverTheReason(Reason reason) {
    assertThat(said(resource(3, 3, "True", reason.name()))).containsExactly("Healthy", "Current");
  }

  @Test
  void statusOfAnOlderGenerationIsProgressing() {
    assertThat(said(resource(4, 3, "True", "AllServersReady")))
        .containsExactly("Progressing", "InProgress");
    assertThat(said(resource(4, 3, "False", "ServerFailing")))
        .containsExactly("Progressing", "InProgress");
  }

  @Test
  void noStatusIsProgressing() {
    assertThat(said(document("{metadata: {generation: 1}, status: {observedGeneration: -1}}")))
        .containsExactly("Progressing", "InProgress");
  }

  /** A check of an older release meets a newer operator. */
  @Test
  void unknownReasonNeedsSomebody() {
    assertThat(said(resource(3, 3, "False", "NewReason"))).containsExactly("Degraded", "Failed");
  }

  private static List<String> said(JsonNode resource) {
    return List.of(HealthChecks.argoCd(resource), HealthChecks.flux(resource));
  }

  private static JsonNode resource(int generation, int observed, String status, String reason) {
    return document(
        """
        metadata: {generation: %d}
        status:
          observedGeneration: %d
          conditions:
            - {type: ServersReady, status: "True", reason: AllServersReady, observedGeneration: %d}
            - {type: Ready, status: "%s", reason: %s, message: m, observedGeneration: %d}
        """
            .formatted(generation, observed, observed, status, reason, observed));
  }

  private static JsonNode document(String yaml) {
    return Yaml.documents(yaml).getFirst();
  }
}
