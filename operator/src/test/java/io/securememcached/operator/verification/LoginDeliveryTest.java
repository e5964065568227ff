package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a refused login tells while the sasldb is on its way, whatever the operator's clock says.
 * The server here refuses every login.
 */
@Timeout(60)
class LoginDeliveryTest {

  /** When the logins change, by the API server's clock. */
  private static final Instant CHANGE = Instant.parse("2026-11-23T12:00:00Z");

  private final TestingMemcached server = TestingMemcached.refusing("1.6.45");
  private final CheckedServer checked = new CheckedServer(server, CHANGE);

  LoginDeliveryTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** Else all servers lose their traffic until the kubelet has refreshed the file. */
  @ParameterizedTest
  @CsvSource({"PT0S", "PT5M", "PT-5M"})
  void changeCountsFromWhenItWasSeen(Duration ahead) {
    Pod pod = CheckedServer.pod("True");
    checked.now = CHANGE.minus(Duration.ofHours(1)).plus(ahead);
    check(pod, CHANGE.minus(Duration.ofHours(2)));

    checked.now = CHANGE.plus(ahead);
    assertThat(check(pod, CHANGE)).isEqualTo(Outcome.UNKNOWN);
    checked.now = checked.now.plusSeconds(119);
    assertThat(check(pod, CHANGE)).isEqualTo(Outcome.UNKNOWN);
    checked.now = checked.now.plusSeconds(61);
    assertThat(check(pod, CHANGE)).isEqualTo(Outcome.FAILED);
  }

  /** How wrong its clock is, is unknown: a server that has traffic keeps it. */
  @Test
  void restartedOperatorTakesNoServerOutOfTraffic() {
    checked.now = CHANGE.plus(Duration.ofMinutes(5));
    assertThat(check(CheckedServer.pod("True"), CHANGE)).isEqualTo(Outcome.UNKNOWN);
    checked.now = checked.now.plusSeconds(120);
    assertThat(check(CheckedServer.pod("True"), CHANGE)).isEqualTo(Outcome.FAILED);
  }

  /** The counter-example: it gets no traffic before it has passed, and the reason is told soon. */
  @Test
  void newServerThatRefusesItsLoginFailsAtOnce() {
    checked.now = CHANGE.plus(Duration.ofMinutes(5));
    assertThat(check(CheckedServer.pod("False"), CHANGE)).isEqualTo(Outcome.FAILED);
  }

  /** A change in the future is one of now. */
  @Test
  void clockThatIsBehindDelaysTheFailureByTwoMinutesOnly() {
    checked.now = CHANGE.minus(Duration.ofHours(1));
    assertThat(check(CheckedServer.pod("False"), CHANGE)).isEqualTo(Outcome.UNKNOWN);
    checked.now = checked.now.plusSeconds(120);
    assertThat(check(CheckedServer.pod("False"), CHANGE)).isEqualTo(Outcome.FAILED);
  }

  /** Outcome of the check of the login. */
  private Outcome check(Pod pod, Instant changedAt) {
    Logins logins =
        new Logins(
            changedAt,
            0,
            Map.of(),
            Map.of(
                Credentials.OPERATOR_USER,
                UserLogins.of(new Login("checks", "correct-horse"), 1, changedAt)));
    return checked.check(pod, logins).finding(Check.LOGIN).map(Finding::outcome).orElseThrow();
  }
}
